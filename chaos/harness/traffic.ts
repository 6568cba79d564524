import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FormLoad } from './form-load.js';
import type { Owed } from './invariants.js';
import { MailLoad } from './mail-load.js';
import type { World } from './world.js';

interface TrafficOptions {
  readonly formsPerSecond?: number;
  readonly mailsPerSecond?: number;
}

/** Forms and mails that flow while a fault happens. */
export class Traffic {
  private constructor(
    readonly forms: FormLoad,
    readonly mails: MailLoad,
  ) {}

  static start(world: World, options: TrafficOptions = {}): Traffic {
    const form = world.service('web-form-intake');
    const mailbox = world.mailbox(world.support);
    return new Traffic(
      new FormLoad({
        url: () => form.url,
        perSecond: options.formsPerSecond ?? 50,
        file: join(world.dir, 'forms.acknowledged'),
      }),
      new MailLoad({
        smtpUrl: mailbox.smtpUrl,
        to: world.support,
        perSecond: options.mailsPerSecond ?? 10,
        file: join(world.dir, 'mails.acknowledged'),
      }),
    );
  }

  /** Lets it flow for a while around `fault`, so that there is traffic before, in and after it. */
  async around(
    fault: () => Promise<void>,
    options: { readonly beforeMs?: number; readonly afterMs?: number } = {},
  ): Promise<Owed> {
    await delay(options.beforeMs ?? 3_000);
    await fault();
    await delay(options.afterMs ?? 3_000);
    await Promise.all([this.forms.stop(), this.mails.stop()]);
    return { forms: this.forms.acknowledged.ids, mails: this.mails.acknowledged.ids };
  }
}
