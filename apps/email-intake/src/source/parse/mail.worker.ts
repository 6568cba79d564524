import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { workerData } from 'node:worker_threads';
import type { MailContext } from '../../normalize/context.js';
import { normalizeMail } from '../../normalize/mail.js';
import type { ParsedMail, ParseTask, ParserSettings, SmallFile } from './parse-task.js';

const { storeFolder, keys, limits } = workerData as ParserSettings;
/** Files up to this travel back with the event; larger ones go straight to the store, so that no thread holds them. */
const smallFileBytes = 256 * 1024;

/** Loaded by the first large file only: the store comes with libraries that small mails do without. */
async function openStore() {
  const { FolderStore } = await import('#intake');
  return new FolderStore(storeFolder);
}

/** Parses the mails of a task, one after the other. A mail that fails fails alone. A task without mails has the thread stand ready for any. */
export default async function parse(task: ParseTask): Promise<ParsedMail[]> {
  // Loading counts against no mail: on a busy machine it takes longer than a mail may.
  if (task.mails.length === 0) await openStore();
  const results: ParsedMail[] = [];
  for (const mail of task.mails) {
    const files: SmallFile[] = [];
    try {
      const source = 'bytes' in mail.raw ? asBuffer(mail.raw.bytes) : await (await openStore()).open(mail.raw.sha256);
      const context: MailContext = {
        account: task.account,
        folder: task.folder,
        ...(mail.internalDate === undefined ? {} : { internalDate: mail.internalDate }),
        receivedAt: mail.receivedAt,
        receivedVia: mail.receivedVia,
        keys,
        limits,
        flags: mail.flags,
      };
      results.push({ mail: await normalizeMail(source, context, (content) => keepFile(content, files)), files });
    } catch (error) {
      results.push({ failed: describe(error) });
    }
  }
  return results;
}

async function keepFile(content: Readable, files: SmallFile[]): Promise<{ sha256: string; bytes: number }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator = (content as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > smallFileBytes) {
      const rest = async function* () {
        yield* chunks;
        yield* { [Symbol.asyncIterator]: () => iterator };
      };
      return await (await openStore()).put(Readable.from(rest()), { maxBytes: limits.bytes });
    }
  }
  const whole = Buffer.concat(chunks);
  const sha256 = createHash('sha256').update(whole).digest('hex');
  files.push({ sha256, bytes: new Uint8Array(whole) });
  return { sha256, bytes };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function describe(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return 'code' in error && typeof error.code === 'string' ? { name, message, code: error.code } : { name, message };
}
