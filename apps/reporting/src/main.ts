import 'reflect-metadata';
import { loadSettings } from '#env';
import { runService } from '#http';
import { settingsSchema } from './env.js';
import { reportingService } from './service-options.js';

await runService(reportingService(loadSettings(settingsSchema)));
