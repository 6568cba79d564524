import { type ReplyDelivery, type ReplyRequested, replyRequestedMessage } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aReplyRequested, testBrokers, waitFor } from '#testing';
import type { ServiceUnderTest } from './service-under-test.js';

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** What ticketing does: asks for answers, each twice, and reads what became of them. */
export class Answers {
  private constructor(
    private readonly service: ServiceUnderTest,
    private readonly publisher: Publisher,
  ) {}

  static async of(service: ServiceUnderTest): Promise<Answers> {
    const logger = createLogger('test', 'silent');
    const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger });
    await publisher.start();
    return new Answers(service, publisher);
  }

  async close(): Promise<void> {
    await this.publisher.close();
  }

  async request(overrides: Partial<ReplyRequested>): Promise<ReplyRequested> {
    const { subject: _, ...reply } = aReplyRequested(overrides);
    const message = replyRequestedMessage('social', reply);
    await this.publisher.publish([message, message]);
    return reply;
  }

  /** The states of a reply until it first had this one; with the codes of errors. */
  async reached(reply: ReplyRequested, state: ReplyDelivery['state']): Promise<string[]> {
    return (await this.until(reply, state)).map(inWords);
  }

  /** What was told when it first had this state. */
  async told(reply: ReplyRequested, state: ReplyDelivery['state']): Promise<ReplyDelivery | undefined> {
    return (await this.until(reply, state)).at(-1);
  }

  /** All states so far of several replies, by the reply's id. */
  async states(replies: readonly ReplyRequested[]): Promise<Map<string, string[]>> {
    const states = new Map(replies.map(({ id }): [string, string[]] => [id, []]));
    for (const delivery of await this.service.deliveries()) states.get(delivery.replyId)?.push(inWords(delivery));
    return states;
  }

  private async until(reply: ReplyRequested, state: ReplyDelivery['state']): Promise<ReplyDelivery[]> {
    return await waitFor(
      async () => {
        const all = await this.service.deliveries();
        const ours = all.filter(({ replyId }) => replyId === reply.id);
        const first = ours.findIndex((delivery) => delivery.state === state);
        return first < 0 ? undefined : ours.slice(0, first + 1);
      },
      { timeoutMs: 40_000, everyMs: 200, describe: () => `${reply.channel} ${reply.id} to be ${state}` },
    );
  }
}

const inWords = ({ state, error }: ReplyDelivery) => (error === undefined ? state : `${state} ${error.code}`);
