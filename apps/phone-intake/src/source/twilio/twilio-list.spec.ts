import type { IntakeOutcome } from '#intake';
import { TwilioSimulator } from '#testing';
import type { PhoneDelivery } from '../../phone.intake.js';
import { AccountDirectory } from '../account-directory.js';
import { phoneAccountsOf, type TwilioAccount } from '../accounts.js';
import { TwilioList } from './twilio-list.js';

const accountSid = 'AC0123456789abcdef0123456789abcdef';
const ours = '+842363888001';
const never = new AbortController().signal;
const now = new Date();
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const rfc2822 = (time: Date) => time.toUTCString();

describe('what Twilio lists', () => {
  let twilio: TwilioSimulator;
  beforeAll(async () => {
    twilio = await TwilioSimulator.start({ accountSid, authToken: 'token' });
  });
  afterAll(() => twilio.close());

  const listOf = (channel: 'sms' | 'phone', options: object = {}, answers: IntakeOutcome | undefined = undefined) => {
    const account = (id: string, address: string, more: object = {}) => ({
      ...{ id, channel, address, provider: 'twilio', options: { apiUrl: twilio.api, ...more } },
      credentials: { accountSid, authToken: 'token' },
    });
    const accounts = phoneAccountsOf([
      account('ours', '0236 3888 001', options),
      account('sibling', '+842363888002', { messagingServiceSid: 'MG2' }),
    ]);
    const taken: PhoneDelivery[] = [];
    const receive = async (delivery: PhoneDelivery) => {
      taken.push(delivery);
      return answers;
    };
    const list = new TwilioList({
      account: accounts[0] as TwilioAccount,
      accounts: new AccountDirectory(accounts),
      intake: { receive },
    });
    const ids = () =>
      taken
        .map(({ bytes }) => new URLSearchParams(bytes.toString()))
        .map((form) => form.get('MessageSid') ?? form.get('CallSid'));
    return { ids, fetch: (signal = never) => list.fetch(minutesAgo(10), now, signal) };
  };
  const message = (fields: object) => ({
    ...{
      account_sid: accountSid,
      sid: 'SM1',
      from: '+84901112223',
      to: ours,
      direction: 'inbound',
      body: 'x',
      num_media: '0',
    },
    ...{ date_sent: rfc2822(now), messaging_service_sid: null, ...fields },
  });
  const call = (fields: object) => ({
    ...{
      account_sid: accountSid,
      sid: 'CA1',
      from: '+84901112223',
      to: ours,
      direction: 'inbound',
      status: 'completed',
    },
    ...{ duration: '5', end_time: rfc2822(now), ...fields },
  });
  const page = (entries: object) => ({ status: 200, body: JSON.stringify({ next_page_uri: null, ...entries }) });

  it.each([
    ['what came since then', {}, {}, ['SM1']],
    ['nothing of before, though Twilio may list whole days', { date_sent: rfc2822(minutesAgo(11)) }, {}, []],
    ['what bears no time, rather than losing it', { date_sent: null }, {}, ['SM1']],
    ['nothing that we have sent', { direction: 'outbound-api', from: '+842363888001' }, {}, []],
    ['nothing that another account gets the webhook of', { messaging_service_sid: 'MG2' }, {}, []],
    [
      'what came to a number of our pool',
      { to: '+842363888009', messaging_service_sid: 'MG1' },
      { messagingServiceSid: 'MG1' },
      ['SM1'],
    ],
    [
      'nothing that came to a pool of others',
      { to: '+842363888009', messaging_service_sid: 'MG9' },
      { messagingServiceSid: 'MG1' },
      [],
    ],
  ])('of messages: takes %s', async (_, fields, options, expected) => {
    const { fetch, ids } = listOf('sms', options);
    twilio.failNext(page({ messages: [message(fields)] }));
    expect([await fetch(), ids()]).toEqual([expected.length, expected]);
  });

  it.each([
    ['one that ended since then, however long it was', { duration: '86000' }, {}, ['CA1']],
    ['none that ended before', { end_time: rfc2822(minutesAgo(11)) }, {}, []],
    ['none that is not over', { status: 'in-progress', end_time: null }, {}, []],
    ['none of ours, which nobody asked to be told of', { direction: 'outbound-dial' }, {}, []],
  ])('of calls: takes %s', async (_, fields, options, expected) => {
    const { fetch, ids } = listOf('phone', options);
    twilio.failNext(page({ calls: [call(fields)] }));
    expect([await fetch(), ids()]).toEqual([expected.length, expected]);
  });

  it('of calls: takes ours too where their status is reported to us', async () => {
    const { fetch, ids } = listOf('phone', { outgoingCalls: true });
    const outgoing = call({ sid: 'CA2', direction: 'outbound-api', from: ours, to: '+84901112223' });
    twilio.failNext(page({ calls: [call({})] }), page({ calls: [outgoing] }));
    expect([await fetch(), ids()]).toEqual([2, ['CA1', 'CA2']]);
  });

  const next = (uri: string) => page({ messages: [message({})], next_page_uri: uri });
  it.each([
    ['is not JSON', { status: 200, body: '<html>' }, [], 'no JSON object'],
    ['is a list of nothing', { status: 200, body: '[]' }, [], 'no JSON object'],
    ['has no messages', page({}), [], 'no list of messages'],
    ['has something else in their place', page({ messages: { 0: message({}) } }), [], 'no list of messages'],
    ['has no message among them', page({ messages: [message({}), null, 'x'] }), ['SM1'], '2 of the messages'],
    [
      'has those of another number',
      page({ messages: [message({ to: '+842363888002' }), message({})] }),
      ['SM1'],
      '1 of the messages',
    ],
    [
      'has those of another account',
      page({ messages: [message({ account_sid: 'AC9' }), message({})] }),
      ['SM1'],
      '1 of the messages',
    ],
    ['names itself as the next page', next('/x?Page=1'), ['SM1', 'SM1'], 'names itself'],
    ['is longer than anything', { status: 200, body: ' '.repeat(1024 * 1024 + 1) }, [], 'no answer'],
    ['sends us elsewhere', { status: 302, headers: { location: 'http://169.254.169.254/' } }, [], 'answered 302'],
    ['asks for patience', TwilioSimulator.error(429, 20429, { 'retry-after': '7' }), [], 'answered 429'],
  ])('is asked for again when an answer %s', async (_, answer, expected, why) => {
    const { fetch, ids } = listOf('sms');
    twilio.failNext(answer, ...(expected.length > 1 ? [answer] : []));
    const failed = await fetch().catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'ListError', message: expect.stringContaining(why) as unknown });
    expect(ids()).toEqual(expected);
    if (why.endsWith('429')) expect(failed).toMatchObject({ retryAfterMs: 7_000 });
  });

  it('gives our credentials to nobody whom a next page names', async () => {
    const { fetch, ids } = listOf('sms');
    twilio.failNext(next('http://169.254.169.254/latest?Page=1'), page({ messages: [message({ sid: 'SM2' })] }));
    expect([await fetch(), ids()]).toEqual([2, ['SM1', 'SM2']]);
  });

  it.each<[IntakeOutcome, object]>([
    [{ kind: 'busy', retryAfterSeconds: 5 }, { retryAfterMs: 5_000 }],
    [
      { kind: 'refused', refusal: { kind: 'too_large', code: 'file_too_large', detail: '' } },
      { message: /file_too_large/ },
    ],
  ])('is asked for again when our own intake is %o', async (outcome, error) => {
    const { fetch } = listOf('sms', {}, outcome);
    twilio.failNext(page({ messages: [message({})] }));
    await expect(fetch()).rejects.toMatchObject(
      'message' in error ? { message: expect.stringMatching(error.message as RegExp) as unknown } : error,
    );
  });
});
