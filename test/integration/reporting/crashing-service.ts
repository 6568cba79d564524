// The service as a process that may be killed: its argument names the consumer groups.
import 'reflect-metadata';
import { loadSettings } from '#env';
import { runService } from '#http';
import { settingsSchema } from '../../../apps/reporting/src/env.js';
import { reportingService } from '../../../apps/reporting/src/service-options.js';

await runService(reportingService(loadSettings(settingsSchema), process.argv[2]));
