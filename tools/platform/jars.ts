import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { errorCode, PlatformError } from './platform-error.js';

const run = promisify(execFile);

const kafkaVersion = '4.1.1';
const greenMailVersion = '2.1.8';
/** Pinned: what Maven would pick by itself depends on its version. */
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export interface Jars {
  readonly java: string;
  readonly kafkaClassPath: string;
  readonly greenMailJar: string;
  /**
   * Where the JVM keeps Kafka's classes as it wants them in memory. The first broker that is stopped in an orderly way writes the file;
   * with it a start takes half the processor time. Bound to this very Java and these very jars.
   */
  readonly kafkaClassArchive: string;
}

const bothWaysOut =
  'Two ways out: install a Java runtime 17 or newer and Maven (Debian: apt-get install openjdk-17-jre-headless maven),\n' +
  'or give the addresses of a Kafka that runs already: KAFKA_BROKERS=host:9092 (then the local mail server is left out).';

let found: Promise<Jars> | undefined;

/** Kafka and GreenMail from Maven Central, kept in the cache folder (`PHANHOI_CACHE`, default `~/.cache/phanhoi`). */
export function ensureJars(say: (line: string) => void): Promise<Jars> {
  // Kafka and the mail server start side by side: one of them fetches for both.
  found ??= findOrFetch(say);
  return found;
}

async function findOrFetch(say: (line: string) => void): Promise<Jars> {
  const { java, version } = await findJava();
  const cache = process.env['PHANHOI_CACHE'] ?? join(homedir(), '.cache', 'phanhoi');
  const folder = join(cache, `kafka-${kafkaVersion}-greenmail-${greenMailVersion}`);
  if (!(await isFilled(folder))) await download(cache, folder, say);
  return {
    java,
    kafkaClassPath: join(folder, 'kafka', '*'),
    kafkaClassArchive: join(folder, `kafka-java-${version}.jsa`),
    greenMailJar: join(folder, `greenmail-standalone-${greenMailVersion}.jar`),
  };
}

async function findJava(): Promise<{ java: string; version: string }> {
  const home = process.env['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const { stderr } = await run(java, ['-version']).catch((cause: unknown) => {
    throw new PlatformError(
      `Kafka and the local mail server need Java, and "${java}" does not start.\n${bothWaysOut}`,
      { cause },
    );
  });
  const version = /version "([\w.+-]+)"/.exec(stderr)?.[1];
  if (version === undefined || Number(version.split('.')[0]) < 17) {
    throw new PlatformError(`Kafka needs Java 17 or newer; "${java}" is ${version ?? 'unknown'}.\n${bothWaysOut}`);
  }
  return { java, version };
}

async function isFilled(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Into a folder beside, then renamed: an interrupted download leaves nothing half-made, and two at once do not meet. */
async function download(cache: string, folder: string, say: (line: string) => void): Promise<void> {
  await run('mvn', ['-version']).catch((cause: unknown) => {
    throw new PlatformError(
      `Kafka's jars are not in the cache yet, and Maven ("mvn"), which fetches them, does not start.\n${bothWaysOut}`,
      { cause },
    );
  });
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'download-'));
  try {
    await writeFile(join(work, 'pom.xml'), pom);
    say(
      `fetching Kafka ${kafkaVersion} and GreenMail ${greenMailVersion} from Maven Central into ${cache} (once, about 65 MB)`,
    );
    await maven(work, say);
    const jars = join(work, 'kafka');
    const greenMail = `greenmail-standalone-${greenMailVersion}.jar`;
    const ready = join(work, 'ready');
    await mkdir(ready);
    await rename(join(jars, greenMail), join(ready, greenMail));
    await rename(jars, join(ready, 'kafka'));
    await rename(ready, folder).catch(async (error: unknown) => {
      if (!(await isFilled(folder))) throw error;
    });
    say('Kafka and GreenMail are in the cache');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function maven(work: string, say: (line: string) => void): Promise<void> {
  const output = `-DoutputDirectory=${join(work, 'kafka')}`;
  const child = spawn('mvn', ['-B', '-f', join(work, 'pom.xml'), copyGoal, output], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  let fetched = 0;
  let told = Date.now();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^(\[INFO\] )?Downloaded /.test(line)) fetched += 1;
    else if (!/Downloading |Progress/.test(line)) said.push(line);
    if (Date.now() - told < 2_000) return;
    told = Date.now();
    say(`  ${fetched} files fetched`);
  });
  const code = await new Promise<number | null>((ended, failed) => {
    child.once('close', ended);
    child.once('error', failed);
  });
  if (code !== 0) {
    throw new PlatformError(
      `Maven could not fetch Kafka. Is Maven Central (or the mirror in ~/.m2/settings.xml) reachable?\n${said.slice(-12).join('\n')}`,
    );
  }
}

const everything = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>';
const dependency = (group: string, artifact: string, version: string, more = '') =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`;
const pom = `<project>
  <modelVersion>4.0.0</modelVersion><groupId>phanhoi</groupId><artifactId>local-platform</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
    ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
    ${dependency('com.icegreen', 'greenmail-standalone', greenMailVersion, everything)}
  </dependencies>
</project>
`;
