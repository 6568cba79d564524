import { Rounds } from '#intake';
import { gauge, type Logger } from '#observability';
import type { UnmatchedEchoRepository, WaitingEcho } from '../store/unmatched-echo.repository.js';

const everyMs = 5_000;

const waiting = gauge({ name: 'phanhoi_social_unmatched_echoes', help: 'Echoes that wait to be judged' });

/** What becomes of one echo now: `waiting` leaves it where it is. */
export type JudgeAgain = (echo: WaitingEcho) => Promise<'settled' | 'waiting'>;

/** Looks at kept echoes again until each is ours or a colleague's. Any replica may: its event has one id however often it is made. */
export class WaitingEchoes extends Rounds {
  constructor(
    private readonly repository: UnmatchedEchoRepository,
    private readonly judgeAgain: JudgeAgain,
    private readonly logger: Logger,
  ) {
    super(everyMs);
  }

  protected override async run(): Promise<void> {
    try {
      const echoes = await this.repository.list();
      waiting.set(echoes.length);
      for (const echo of echoes) {
        if ((await this.judgeAgain(echo)) === 'settled') await this.repository.remove(echo);
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'echoes wait for the database');
    }
  }
}
