import { membersOf } from './members-of.js';
import { documentedTelegram } from './telegram.documented.js';
import { TelegramSimulator } from './telegram-simulator.js';

const person = { id: 7, firstName: 'An' };

describe('the Telegram simulator', () => {
  let telegram: TelegramSimulator;
  beforeAll(async () => {
    telegram = await TelegramSimulator.start({ botToken: '1:test', secretToken: 'secret' });
  });
  afterAll(() => telegram.close());

  const file = { name: 'a.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-') };
  it.each([
    [documentedTelegram.text, () => telegram.text(person, 'x')],
    [documentedTelegram.edited, () => telegram.edit(person, 5, 'y')],
    [documentedTelegram.document, () => telegram.document(person, file)],
  ])('sends what the documentation shows: $what', ({ payload }, send) => {
    const sent: unknown = JSON.parse(send().body.toString());
    expect(membersOf(sent)).toEqual(membersOf(payload));
  });

  it('numbers updates without gaps unless it is told to lose some', () => {
    const numbers = [1, 2].map(() => numberOf(telegram.text(person, 'x')));
    telegram.skip(2);
    numbers.push(numberOf(telegram.text(person, 'x')));
    const [first = 0] = numbers;
    expect(numbers).toEqual([first, first + 1, first + 4]);
  });
});

const numberOf = ({ body }: { body: Buffer }) => (JSON.parse(body.toString()) as { update_id: number }).update_id;
