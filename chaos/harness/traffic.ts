import { join } from 'node:path';
import { Flow } from './flow.js';
import { FormLoad } from './form-load.js';
import type { Owed } from './invariants.js';
import { MailLoad } from './mail-load.js';

interface TrafficOptions {
  readonly formUrl: () => string;
  readonly smtpUrl: string;
  readonly to: string;
  /** For what was acknowledged. */
  readonly dir: string;
  readonly formsPerSecond?: number;
  readonly mailsPerSecond?: number;
  /** Called with the event id of each form that was answered with 202. */
  readonly onForm?: (id: string) => void;
}

/** Forms and mails that flow while a fault happens. */
export class Traffic extends Flow {
  private constructor(
    readonly forms: FormLoad,
    readonly mails: MailLoad,
  ) {
    super();
  }

  static start(options: TrafficOptions): Traffic {
    const { formUrl, smtpUrl, to, dir } = options;
    return new Traffic(
      new FormLoad({
        url: formUrl,
        perSecond: options.formsPerSecond ?? 50,
        file: join(dir, 'forms.acknowledged'),
        onAcknowledged: options.onForm,
      }),
      new MailLoad({ smtpUrl, to, perSecond: options.mailsPerSecond ?? 10, file: join(dir, 'mails.acknowledged') }),
    );
  }

  override get answers(): ReadonlyMap<number, number> {
    return this.forms.answers;
  }

  override get owed(): Owed {
    return { forms: this.forms.acknowledged.ids, mails: this.mails.acknowledged.ids };
  }

  override async stop(): Promise<void> {
    await Promise.all([this.forms.stop(), this.mails.stop()]);
  }
}
