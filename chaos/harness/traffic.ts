import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
}

/** Forms and mails that flow while a fault happens. */
export class Traffic {
  private constructor(
    readonly forms: FormLoad,
    readonly mails: MailLoad,
  ) {}

  static start(options: TrafficOptions): Traffic {
    const { formUrl, smtpUrl, to, dir } = options;
    return new Traffic(
      new FormLoad({ url: formUrl, perSecond: options.formsPerSecond ?? 50, file: join(dir, 'forms.acknowledged') }),
      new MailLoad({ smtpUrl, to, perSecond: options.mailsPerSecond ?? 10, file: join(dir, 'mails.acknowledged') }),
    );
  }

  /** Lets it flow for a while around `fault`, so that there is traffic before, in and after it. */
  async around(
    fault: () => Promise<void>,
    options: { readonly beforeMs?: number; readonly afterMs?: number } = {},
  ): Promise<Owed> {
    try {
      await delay(options.beforeMs ?? 3_000);
      await fault();
      await delay(options.afterMs ?? 3_000);
    } finally {
      await Promise.all([this.forms.stop(), this.mails.stop()]);
    }
    return { forms: this.forms.acknowledged.ids, mails: this.mails.acknowledged.ids };
  }
}
