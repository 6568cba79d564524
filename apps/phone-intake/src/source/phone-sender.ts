import { type DeliveryErrorCode, takesNoFiles } from '#contracts';
import type { Outgoing, Prepared, ReplySender } from '#intake';
import { counter } from '#observability';
import { segmentsOf } from '../normalize/segments.js';
import type { DeliveryStates } from '../outbound/delivery-states.js';
import type { ConsentRepository } from '../store/consent.repository.js';
import type { PhoneAccount } from './accounts.js';
import { GatewaySms } from './gateway/gateway-sms.js';
import type { SmsProvider } from './sms-provider.js';
import { TwilioSms } from './twilio/twilio-sms.js';

interface SenderParts {
  readonly accounts: readonly PhoneAccount[];
  readonly consent: ConsentRepository;
  readonly states: DeliveryStates;
  readonly publicUrl: string;
}

const segments = counter({
  name: 'phanhoi_sms_segments_total',
  help: 'Short messages that answers were sent as: what providers charge for',
  labelNames: ['account', 'alphabet'],
});

/** Between our clock and a provider's. */
const clockSkewMs = 60_000;

const refuse = (code: DeliveryErrorCode, detail: string): Prepared => ({
  kind: 'refused',
  error: { code, detail, permanent: true },
});

/** Answers by short message, through whichever provider the account has. */
export class PhoneSender implements ReplySender {
  private readonly ways: ReadonlyMap<string, { readonly account: PhoneAccount; readonly provider: SmsProvider }>;

  constructor(private readonly parts: SenderParts) {
    this.ways = new Map(
      parts.accounts.flatMap((account) => {
        const provider = providerOf(account);
        return provider === undefined ? [] : [[account.id, { account, provider }] as const];
      }),
    );
  }

  async prepare(outgoing: Outgoing): Promise<Prepared> {
    const way = this.ways.get(outgoing.account);
    if (way === undefined || outgoing.kind === 'notice')
      return { kind: 'refused', error: { code: 'account_unknown', permanent: true } };
    const { account, provider } = way;
    const { id, to, text } = outgoing;
    if (to.kind !== 'phone') return refuse('recipient_rejected', 'the recipient is no telephone number');
    if (outgoing.attachments.length > 0) return refuse('message_rejected', takesNoFiles.sms);
    const { alphabet, count } = segmentsOf(text);
    const limit = account.provider === 'pbx' ? 0 : account.options.maxSegments;
    if (count > limit)
      return refuse('message_too_large', `${count} segments of ${alphabet}, the limit of the account is ${limit}`);
    const { maxCharacters = text.length } = provider;
    if (text.length > maxCharacters)
      return refuse('message_too_large', `${text.length} characters, ${account.provider} takes ${maxCharacters}`);
    if (await this.parts.consent.hasStopped(to.value))
      return refuse('recipient_opted_out', 'the owner of the number has asked not to be written to');
    const path =
      account.provider === 'twilio'
        ? `/webhooks/twilio/${account.id}/sms-status`
        : `/webhooks/sms/${account.id}/status`;
    const callback = `${this.parts.publicUrl}${path}?reply=${id}`;
    const send = async () => {
      const outcome = await provider.send({ id, to: to.value, text, callback });
      if (outcome.kind === 'sent') segments.inc({ account: account.id, alphabet }, count);
      return outcome;
    };
    return { kind: 'ready', send };
  }

  /**
   * What a provider's list says of an uncertain reply is worth as much as its callback, and goes the same way, with the provider's id: a
   * message that belongs to one reply proves nothing of another with the same words. Gateways have no list; their callbacks settle it.
   */
  async findSent(outgoing: readonly Outgoing[]): Promise<readonly string[]> {
    for (const reply of outgoing) {
      const provider = this.ways.get(reply.account)?.provider;
      if (reply.kind === 'notice' || provider?.find === undefined) continue;
      const since = new Date(Date.parse(reply.requestedAt) - clockSkewMs);
      const found = await provider.find({ to: reply.to.value, text: reply.text, since });
      const known = await this.parts.states.knownMessageIds(found);
      const messageId = found.find((id) => !known.has(id));
      if (messageId !== undefined) await this.parts.states.apply(reply.id, { to: 'sent', messageId });
    }
    return [];
  }
}

function providerOf(account: PhoneAccount): SmsProvider | undefined {
  if (account.channel !== 'sms') return undefined;
  if (account.provider === 'twilio') return new TwilioSms(account);
  return account.provider === 'gateway' ? new GatewaySms(account) : undefined;
}
