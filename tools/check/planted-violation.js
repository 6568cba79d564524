// The import rules must bite: a rule that quietly matches nothing (a renamed folder, a parser that skips TypeScript) passes for ever.
// Plants forbidden imports in the tree, expects dependency-cruiser to name each of them, and removes them again.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const folder = `apps/zz-planted-${process.pid}`;
const other = `apps/zz-other-${process.pid}`;
const planted = {
  'src/main.ts': "import { a } from './cycle/a.js';\nexport const main = a;\n",
  'src/cycle/a.ts': "import { b } from './b.js';\nexport const a: number = b;\n",
  'src/cycle/b.ts': "import { a } from './a.js';\nexport const b: number = a;\n",
  'src/api/rows.ts': "import { DataSource } from 'typeorm';\nexport const source = DataSource;\n",
  'src/consume/client.ts': "import { Kafka } from 'kafkajs';\nexport const client = Kafka;\n",
  'src/outbound/mail.ts': "import { createTransport } from 'nodemailer';\nexport const transport = createTransport;\n",
  'src/domain/decide.ts': "import { Database } from '#postgres';\nexport const database = Database;\n",
  'src/normalize/fetch.ts': "import { Injectable } from '@nestjs/common';\nexport const decorator = Injectable;\n",
  'src/island.ts': `import { other } from '../../../${other}/src/env.js';
export const theirs = other;
`,
  'src/testing.ts': "import { waitFor } from '#testing';\nexport const wait = waitFor;\n",
};
const expected = {
  'no-cycles': 'src/cycle/',
  'sql-in-its-room': 'src/api/rows.ts',
  'kafkajs-in-its-room': 'src/consume/client.ts',
  'outside-in-its-room': 'src/outbound/mail.ts',
  'pure-rooms-ours': 'src/domain/decide.ts',
  'pure-rooms-frameworks': 'src/normalize/fetch.ts',
  'apps-are-islands': 'src/island.ts',
  'testing-from-tests-only': 'src/testing.ts',
};

function plant(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function cruise() {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', folder, other];
  return new Promise((settle, failed) => {
    execFile('node_modules/.bin/depcruise', args, { maxBuffer: 256 * 1024 * 1024 }, (error, stdout) => {
      if (stdout === '') failed(error ?? new Error('dependency-cruiser said nothing'));
      else settle(JSON.parse(stdout).summary.violations);
    });
  });
}

const remove = () => {
  for (const planting of [folder, other]) rmSync(planting, { recursive: true, force: true });
};
process.on('exit', remove);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
for (const [file, text] of Object.entries(planted)) plant(`${folder}/${file}`, text);
plant(`${other}/src/env.ts`, 'export const other = 1;\n');
const violations = await cruise();
const missed = Object.entries(expected).filter(
  ([rule, file]) => !violations.some((found) => found.rule.name === rule && found.from.startsWith(`${folder}/${file}`)),
);
for (const [rule, file] of missed) console.error(`planted violation not caught: rule ${rule}, file ${file}`);
if (missed.length > 0) process.exit(1);
console.log(`planted violations: all ${Object.keys(expected).length} caught`);
