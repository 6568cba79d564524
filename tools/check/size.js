// Files stay under 300 lines and away from rooms that are named for nothing (docs: CONTRIBUTING.md, "Size").
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const limit = 300;
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.js'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.d.ts'));
const problems = [];
for (const file of files) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') continue;
    throw error;
  }
  const lines = text.split('\n').length - 1;
  if (lines > limit) problems.push(`${file}: ${lines} lines, the limit is ${limit}: split it by responsibility`);
  if (/(^|\/)(utils?|common|shared|misc|helpers?)(\/|\.[jt]s$)/.test(file))
    problems.push(`${file}: name the room after what it does`);
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`size: ${files.length} files, none over ${limit} lines`);
