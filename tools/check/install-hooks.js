// Points git at .githooks. Harmless without git, in a copy without a repository, and in CI.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('.git') && process.env.CI === undefined)
  spawnSync('git', ['config', 'core.hooksPath', '.githooks'], { stdio: 'ignore' });
