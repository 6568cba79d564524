import type { OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { counter, type Logger } from '#observability';
import type { NormalizedMail } from '../../normalize/mail.js';
import type { ParsedMail, ParseTask, ParserSettings, RawMail, SmallFile } from './parse-task.js';

/** Mails that share a task: enough to make the crossing between threads cheap, few enough to use all threads. */
const mailsPerTask = 16;
/** Longer than any honest task takes; a mail that is alone in its task and still takes longer is refused. */
const taskDeadlineMs = 30_000;
const mailDeadlineMs = 15_000;
const threadStartMs = 60_000;
const idleMs = 30_000;

const unparsed = counter({
  name: 'phanhoi_mail_unparsed_total',
  help: 'Mails whose parsing took too long, too much memory, or failed',
  labelNames: ['reason'],
});

export interface Parsed {
  readonly mail: NormalizedMail;
  readonly files: readonly SmallFile[];
}

/** Nothing is wrong with the mail, it is to be read again later: the store did not take a large file, or no thread started. */
export class ParsingPostponed extends Error {}

interface ParserParts {
  readonly settings: ParserSettings;
  readonly threads: number;
  readonly logger: Logger;
}

/** Parses mail in threads with bounds of time and memory. The main thread only copies bytes. */
export class MailParser implements OnApplicationShutdown {
  private readonly pool: Piscina<ParseTask, ParsedMail[]>;
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(private readonly parts: ParserParts) {
    this.free = parts.threads;
    this.pool = new Piscina({
      filename: new URL('./mail.worker.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: parts.threads,
      idleTimeout: idleMs,
      workerData: parts.settings,
      resourceLimits: { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 16 },
    });
  }

  /** One result per mail, in order. A mail that cannot be parsed is a refusal. @throws ParsingPostponed */
  async parse(task: ParseTask): Promise<Parsed[]> {
    const tasks: RawMail[][] = [];
    for (let at = 0; at < task.mails.length; at += mailsPerTask) tasks.push(task.mails.slice(at, at + mailsPerTask));
    const results = await Promise.all(tasks.map((mails) => this.together({ ...task, mails })));
    return results.flat();
  }

  /** Readers and the consumer of replays have ended by now: none of their mails is cut off. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.destroy();
  }

  private async together(task: ParseTask, options = { isWarm: false }): Promise<Parsed[]> {
    try {
      return (await this.run(task, options)).map(settled);
    } catch (error) {
      if (error instanceof ParsingPostponed) throw error;
      if (task.mails.length > 1) {
        const alone: Parsed[] = [];
        for (const mail of task.mails) alone.push(...(await this.together({ ...task, mails: [mail] })));
        return alone;
      }
      const isLate = (error as Error).name === 'AbortError';
      // Perhaps the time went into starting the thread on a busy machine: only a thread that stood ready convicts a mail.
      if (isLate && !options.isWarm) return this.together(task, { isWarm: true });
      const reason = isLate ? 'parse_timeout' : 'unparseable';
      unparsed.inc({ reason });
      this.parts.logger.warn({ err: error, account: task.account.id, reason }, 'a mail could not be parsed');
      return [{ mail: { kind: 'refused', reason, step: 'parse', detail: (error as Error).message }, files: [] }];
    }
  }

  /** The deadline counts from when a thread is free, so that a slow mail does not use up the time of those behind it. */
  private async run(task: ParseTask, { isWarm }: { readonly isWarm: boolean }): Promise<ParsedMail[]> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free -= 1;
    try {
      if (isWarm) await this.warm(task);
      const mails = task.mails.map(ownMemory);
      const transferList = mails.flatMap((mail) => ('bytes' in mail.raw ? [mail.raw.bytes.buffer as ArrayBuffer] : []));
      const signal = AbortSignal.timeout(task.mails.length === 1 ? mailDeadlineMs : taskDeadlineMs);
      return await this.pool.run({ ...task, mails }, { signal, transferList });
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }

  /** Has a thread load everything and stand idle; the next task goes to it. */
  private async warm(task: ParseTask): Promise<void> {
    try {
      await this.pool.run({ ...task, mails: [] }, { signal: AbortSignal.timeout(threadStartMs) });
    } catch (cause) {
      throw new ParsingPostponed('no thread to parse in', { cause });
    }
  }
}

/** A view into a larger buffer would take all of that buffer to the other thread. */
function ownMemory(mail: RawMail): RawMail {
  return 'bytes' in mail.raw ? { ...mail, raw: { bytes: new Uint8Array(mail.raw.bytes) } } : mail;
}

function settled(result: ParsedMail): Parsed {
  if (!('failed' in result)) return result;
  // Bytes that are not in the store will not come by waiting.
  if (result.failed.name === 'StoreError' && result.failed.code !== 'not_found')
    throw new ParsingPostponed(result.failed.message);
  unparsed.inc({ reason: 'unparseable' });
  return { mail: { kind: 'refused', reason: 'unparseable', step: 'normalize', detail: result.failed.name }, files: [] };
}
