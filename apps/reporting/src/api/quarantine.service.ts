import { type DeadLetter, type QuarantineResolved, quarantineResolvedMessage } from '#contracts';
import { Problem } from '#http';
import {
  BytesMissing,
  bytesOf,
  type Decision,
  type FetchBytes,
  PublishError,
  type Publisher,
  replayMessage,
  resolutionOf,
} from '#kafka';
import type { Database } from '#postgres';
import type { LetterFilter, QuarantinedLetter, QuarantineRepository } from '../store/quarantine.repository.js';

/** What one call settles at most. */
export const mostAtOnce = 500;
const deadlineMs = 5_000;

interface QuarantineParts {
  readonly quarantine: QuarantineRepository;
  readonly database: Database;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly fetchBytes: FetchBytes;
}

export interface SettledMany {
  readonly settled: number;
  readonly failed: readonly { readonly id: string; readonly code: string }[];
  /** More fit than one call settles: ask again. */
  readonly more: boolean;
}

/** What an operator does about dead letters, over HTTP; `npm run quarantine` does the same at the log. */
export class QuarantineService {
  constructor(private readonly parts: QuarantineParts) {}

  /** @throws Problem 404 */
  async find(id: string): Promise<QuarantinedLetter[]> {
    const found = await this.parts.quarantine.find(id);
    if (found.length === 0) throw new Problem(404, 'dead_letter_unknown', 'There is no such dead letter');
    return found;
  }

  /** @throws Problem 404, 410 */
  async bytes(id: string): Promise<Buffer> {
    const [first] = await this.find(id);
    const body = first?.letter.body ?? null;
    return body === null ? Buffer.alloc(0) : await this.orGone(bytesOf(body, this.parts.fetchBytes));
  }

  /**
   * Replays or discards one letter. What lies behind it goes back once, whoever refused it and however many callers ask.
   * @throws Problem 404, 409 `dead_letter_settled`, 410 `bytes_gone`, 503
   */
  async settle(id: string, decision: Decision): Promise<QuarantineResolved> {
    const waiting = (await this.find(id)).find(({ resolved }) => resolved === undefined);
    if (waiting === undefined) throw settledAlready();
    return await this.settleLetter(waiting.letter, decision);
  }

  /** All that wait and fit, in the order in which they were written: what follows another in sequence must not overtake it. */
  async settleMany(filter: LetterFilter, decision: Decision): Promise<SettledMany> {
    const found = await this.parts.quarantine.list({ ...filter, state: 'waiting' }, undefined, mostAtOnce + 1);
    const letters = new Map(found.slice(0, mostAtOnce).map(({ letter }) => [letter.id, letter]));
    const failed: { id: string; code: string }[] = [];
    for (const letter of letters.values()) {
      try {
        await this.settleLetter(letter, decision);
      } catch (error) {
        if (!(error instanceof Problem) || error.getStatus() >= 500) throw error;
        failed.push({ id: letter.id, code: error.code });
      }
    }
    return { settled: letters.size - failed.length, failed, more: found.length > mostAtOnce };
  }

  /** The claim is committed after the log has taken the record: a crash in between leaves the letter waiting, and a second replay is harmless. */
  private async settleLetter(letter: DeadLetter, decision: Decision): Promise<QuarantineResolved> {
    const { quarantine, database, publisher, fetchBytes } = this.parts;
    const now = new Date();
    const replay =
      decision.resolution === 'replayed' ? await this.orGone(replayMessage(letter, now, fetchBytes)) : undefined;
    const resolved = resolutionOf(letter, decision, now);
    await database.transaction(async (tx) => {
      if (!(await quarantine.claim(tx, letter, resolved))) throw settledAlready();
      try {
        if (replay !== undefined) await publisher.publish([replay], { deadlineMs });
        await publisher.publish([quarantineResolvedMessage(resolved)], { deadlineMs });
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        const headers = { 'retry-after': '5' };
        throw new Problem(503, 'log_unavailable', 'The log does not take it right now', { headers });
      }
    });
    return resolved;
  }

  private async orGone<Value>(bytes: Promise<Value>): Promise<Value> {
    try {
      return await bytes;
    } catch (error) {
      if (!(error instanceof BytesMissing)) throw error;
      throw new Problem(410, 'bytes_gone', 'The bytes of this dead letter are gone: it can only be discarded');
    }
  }
}

function settledAlready(): Problem {
  return new Problem(409, 'dead_letter_settled', 'Somebody has replayed or discarded this dead letter already');
}
