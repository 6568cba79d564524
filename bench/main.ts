// `npm run bench [-- name …]`: the measured claims. Each writes .phanhoi/reports/bench-<name>.json; exit 1 when a bar falls short.
import { runReports } from './harness/run-reports.js';
import { callImport } from './call-import.js';
import { freshness } from './freshness.js';
import { mail } from './mail.js';
import { memory } from './memory.js';
import { pipeline } from './pipeline.js';
import { report } from './report.js';
import { webForm } from './web-form.js';
import { webhooks } from './webhooks.js';

process.exitCode = await runReports('bench', process.argv.slice(2), {
  pipeline,
  'web-form': webForm,
  webhooks,
  'call-import': callImport,
  mail,
  freshness,
  report,
  memory,
});
