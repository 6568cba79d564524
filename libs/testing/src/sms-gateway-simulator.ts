import { createHmac, randomUUID } from 'node:crypto';
import type { ProviderAnswer, ProviderRequest, Received } from './provider-server.js';
import { deliverWebhooks, type Webhook } from './networks/webhooks.js';
import { ProviderSimulator } from './provider-simulator.js';

export interface SmsGatewaySimulatorOptions {
  readonly apiKey: string;
  /** Signs what the gateway posts to us. */
  readonly webhookSecret: string;
}

/**
 * A gateway of the kind that Vietnamese aggregators run: one JSON request a message, HTTP 200 with a code in the body, states by callback.
 * Its shape is that of eSMS's documented answer (`CodeResult` "100" for success, `SMSID`; esms.vn/huong-dan/dac-ta-api, 2026-11-22);
 * the signature of callbacks is ours, since those gateways differ.
 */
export class SmsGatewaySimulator extends ProviderSimulator {
  readonly messages: { readonly id: string; readonly to: string; readonly text: string }[] = [];

  constructor(private readonly options: SmsGatewaySimulatorOptions) {
    super();
  }

  get received(): readonly Received[] {
    return this.messages.map(({ to, text }) => ({ to, text }));
  }

  /** Something that the gateway tells us, signed. An exchange's webhook of a call is signed alike. */
  webhook(told: object): Webhook {
    const body = Buffer.from(JSON.stringify(told));
    const signature = createHmac('sha256', this.options.webhookSecret).update(body).digest('hex');
    return { body, headers: { 'x-gateway-signature': signature } };
  }

  protected override answer({ bytes }: ProviderRequest): ProviderAnswer {
    const body = JSON.parse(bytes.toString()) as Record<string, string>;
    const say = (answer: object) => ({ status: 200, body: JSON.stringify(answer) });
    if (body['ApiKey'] !== this.options.apiKey) return say({ CodeResult: '101', ErrorMessage: 'Authorize Failed' });
    const { RequestId: id = '', Phone: to = '', Content: text = '', CallbackUrl: callback } = body;
    this.messages.push({ id, to, text });
    const smsId = randomUUID();
    if (callback !== undefined) {
      const webhook = this.webhook({ RequestId: id, SMSID: smsId, Status: 'DELIVRD' });
      this.server.tell(deliverWebhooks(callback, [webhook], { pauseMs: 500 }));
    }
    return say({ CodeResult: '100', CountRegenerate: 0, SMSID: smsId });
  }
}
