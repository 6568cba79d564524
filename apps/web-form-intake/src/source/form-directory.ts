import { accountOptions, type ChannelAccount, SettingsError } from '#env';
import { type Form, type Forms, formOptionsSchema } from '../normalize/form.js';

/** The configured forms: accounts of channel web_form. Submissions that name none go to the one with `default: true`, else the first. */
export class FormDirectory implements Forms {
  readonly byId: ReadonlyMap<string, Form>;
  readonly default: Form;

  /** @throws SettingsError when there is no form, or one has wrong options. */
  constructor(accounts: readonly ChannelAccount[]) {
    const forms = accounts
      .filter((account) => account.channel === 'web_form')
      .map((account): Form => ({ ...accountOptions(account, formOptionsSchema), id: account.id }));
    const [first] = forms;
    if (first === undefined) throw new SettingsError('CHANNELS_FILE names no account of channel web_form');
    this.byId = new Map(forms.map((form) => [form.id, form]));
    this.default = forms.find((form) => form.default) ?? first;
  }

  /** Whether any form may be embedded in pages of this origin. */
  allows(origin: string): boolean {
    return [...this.byId.values()].some((form) => form.origins.includes(origin));
  }
}
