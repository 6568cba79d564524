// `npm run bench [-- name …]`: the measured claims. Each writes .phanhoi/reports/bench-<name>.json; exit 1 when a bar falls short.
import { Report } from './harness/report.js';
import { pipeline } from './pipeline.js';
import { webForm } from './web-form.js';

const benches: Record<string, (report: Report) => Promise<void>> = { pipeline, 'web-form': webForm };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
let held = true;
for (const [name, run] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const report = new Report('bench', name);
  try {
    await run(report);
  } catch (error) {
    console.error(error);
    report.equals('the run came to its end', 'yes', 'no');
  }
  held = report.finish() && held;
}
process.exit(held ? 0 : 1);
