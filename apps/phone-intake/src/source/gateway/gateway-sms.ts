import { callProvider, refusalByStatus, type SendOutcome } from '#intake';
import type { GatewayAccount } from '../accounts.js';
import { fieldAt } from '../json-fields.js';
import type { OutgoingSms, SmsProvider } from '../sms-provider.js';

/** Any gateway that takes one HTTP request a message; the account's options describe it. */
export class GatewaySms implements SmsProvider {
  constructor(private readonly account: GatewayAccount) {}

  async send(message: OutgoingSms): Promise<SendOutcome> {
    const { options, number } = this.account;
    const { request, success } = options;
    const values: Readonly<Record<string, string>> = { ...message, from: number };
    // Filled in before it is encoded: no customer's text can become syntax.
    const filled = Object.fromEntries(
      Object.entries(request.body).map(([name, template]) => [
        name,
        template.replaceAll(/\{(to|text|from|id|callback)\}/g, (_, key: string) => values[key] ?? ''),
      ]),
    );
    const { method, headers, format } = request;
    const answer = await callProvider(request.url, {
      ...{ method, headers },
      body: format === 'json' ? filled : new URLSearchParams(filled),
    });
    if (answer.kind !== 'answered') return answer;
    const { ok, status, body } = answer;
    if (!ok) return refusalByStatus(answer, `gateway ${status}`);
    if (success !== undefined && !success.values.includes(fieldAt(body, success.field))) {
      const detail = `gateway says ${fieldAt(body, success.field)}`.slice(0, 200);
      return { kind: 'not_sent', code: 'message_rejected', permanent: true, detail };
    }
    const messageId = fieldAt(body, options.messageId);
    return { kind: 'sent', ...(messageId === '' ? {} : { messageId }) };
  }
}
