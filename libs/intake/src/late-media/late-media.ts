import { type FeedbackReceived, feedbackEventId } from '#contracts';
import { counter, type Logger } from '#observability';
import { Rounds } from '../rounds.js';
import type { IncompleteInput, LateInput, LateMediaRepository } from './late-media.repository.js';

const everyMs = 5_000;

const inputs = counter({
  name: 'phanhoi_late_media_total',
  help: 'Inputs whose files were not there at first, by what became of them',
  labelNames: ['result'],
});

/** Asks for the files of an input once more. `waiting`: they are not all there, and nothing was published. */
type FetchAgain = (input: LateInput) => Promise<'published' | 'waiting'>;

/** Where the path of a message leaves an input of which files are missing. */
export class MissingMedia {
  constructor(
    private readonly repository: Pick<LateMediaRepository, 'keep'>,
    private readonly logger: Logger,
  ) {}

  /** Never rejects: without the database the message goes out all the same, and its files stay missing. */
  async keep(input: IncompleteInput): Promise<void> {
    try {
      await this.repository.keep(input);
      inputs.inc({ result: 'kept' });
    } catch (error) {
      inputs.inc({ result: 'lost' });
      this.logger.error({ err: error, account: input.account }, 'missing files cannot be asked for later');
    }
  }
}

/** Fetches files again that were not there when their message came, for a day; any replica. A message never waits for this. */
export class LateMedia extends Rounds {
  constructor(
    private readonly repository: Pick<LateMediaRepository, 'claim' | 'remove'>,
    private readonly fetchAgain: FetchAgain,
    private readonly logger: Logger,
  ) {
    super(everyMs);
  }

  protected override async run(): Promise<void> {
    try {
      for (const input of await this.repository.claim()) await this.settle(input);
    } catch (error) {
      this.logger.warn({ err: error }, 'missing files wait');
    }
  }

  private async settle(input: LateInput): Promise<void> {
    const outcome = await this.fetchAgain(input);
    if (outcome === 'waiting' && !input.isLast) return;
    inputs.inc({ result: outcome === 'published' ? 'published' : 'given_up' });
    await this.repository.remove(input);
  }
}

/**
 * The event by which files arrive that were not there when their message came: an edit of it that says the same words and names all
 * files. `revision` is that of the message, if it has one.
 */
export function lateMediaOf<Event extends Omit<FeedbackReceived, 'raw'>>(event: Event, revision = ''): Event {
  const { channel, account, provider, signals } = event;
  const { messageId, refersTo = messageId } = provider;
  return {
    ...event,
    id: feedbackEventId({ channel, account, messageId, revision: `${revision}:media` }),
    kind: 'edit',
    provider: { ...provider, refersTo },
    signals: { ...signals, flags: [...signals.flags, 'late_media'] },
  };
}
