import type { ReplyRequested } from '#contracts';
import { TelegramSimulator, uniqueName } from '#testing';
import { Answers } from './answers.js';
import { ServiceUnderTest } from './service-under-test.js';

let next = 1_000;

describe('an answer by Telegram', () => {
  const account = uniqueName('telegram');
  let telegram: TelegramSimulator;
  let service: ServiceUnderTest;
  let answers: Answers;
  beforeAll(async () => {
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken: 'secret' });
    service = await ServiceUnderTest.start([
      {
        id: account,
        channel: 'telegram',
        provider: 'telegram',
        credentials: { botToken: '1:test', secretToken: 'secret' },
        options: { api: telegram.api },
      },
    ]);
    answers = await Answers.of(service);
  }, 90_000);
  afterAll(async () => {
    await answers.close();
    await service.close();
    await telegram.close();
  });

  const ask = async (overrides: Partial<ReplyRequested> = {}) => {
    const chat = String(++next);
    const to = { kind: 'handle' as const, value: `telegram:${chat}` };
    const reply = await answers.request({ account, channel: 'telegram', to, ...overrides });
    return { reply, received: () => telegram.answers.filter(({ chatId }) => chatId === chat) };
  };

  it('goes out once below the message that it answers, and names its message', async () => {
    const chat = String(next + 1);
    const thread = { references: [], providerConversationId: chat, inReplyTo: `${chat}:77` };
    const { reply, received } = await ask({ thread, text: 'Đã xong 🙏' });
    expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'sent']);
    const [message] = received();
    expect(received()).toEqual([{ chatId: chat, messageId: message?.messageId, text: 'Đã xong 🙏', repliesTo: 77 }]);
    expect(await answers.told(reply, 'sent')).toMatchObject({ providerMessageId: `${chat}:${message?.messageId}` });
  });

  it('waits as long as Telegram says', async () => {
    telegram.failNext(TelegramSimulator.error(429, 'Too Many Requests: retry after 1', { retry_after: 1 }));
    const { reply, received } = await ask();
    expect(await answers.reached(reply, 'sent')).toEqual(['sending', 'requested too_many_requests', 'sending', 'sent']);
    expect(received()).toHaveLength(1);
  });

  it.each([
    ['took it and hung up', 'take_and_hang_up', 1],
    ['hung up', 'hang_up', 0],
    ['fell over', { status: 502, body: 'Bad Gateway' }, 0],
  ] as const)('is uncertain, and not sent again, when Telegram %s', async (_, fault, arrived) => {
    telegram.failNext(fault);
    const { reply, received } = await ask();
    expect(await answers.reached(reply, 'uncertain')).toEqual(['sending', 'uncertain no_answer']);
    expect(received()).toHaveLength(arrived);
  });

  it.each<[string, Partial<ReplyRequested>, string]>([
    ['to nobody there', { to: { kind: 'phone', value: '+84901234567' } }, 'recipient_rejected'],
    ['to another network', { to: { kind: 'handle', value: 'zalo:5' } }, 'recipient_rejected'],
    ['beyond 4096 characters', { text: 'ệ'.repeat(4_097) }, 'message_too_large'],
    ['without a word', { text: ' \n' }, 'message_rejected'],
    ['of an account that we do not have', { account: 'nobody' }, 'account_unknown'],
  ])('is refused, and nothing leaves, %s', async (_, overrides, code) => {
    const { reply, received } = await ask(overrides);
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', `failed ${code}`]);
    expect(received()).toEqual([]);
  });

  it('fails for good for who has blocked the bot', async () => {
    telegram.blockedBy.add(String(next + 1));
    const { reply } = await ask();
    expect(await answers.reached(reply, 'failed')).toEqual(['sending', 'failed recipient_unreachable']);
  });
});
