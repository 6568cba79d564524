import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { formReference } from '#contracts';
import { Transaction } from '#postgres';
import { aFeedback } from '#testing';
import { person, stageOfThisFile, type TicketingStage } from './ticketing-stage.js';

let stage: TicketingStage;
stageOfThisFile((fresh) => {
  stage = fresh;
});

/** Names of the statements that a batch costs, in order. */
async function statementsOf(run: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const { query, execute } = Transaction.prototype;
  const spies = [
    jest.spyOn(Transaction.prototype, 'query').mockImplementation(function (this: Transaction, name, ...rest) {
      names.push(name);
      return query.call(this, name, ...rest);
    }),
    jest.spyOn(Transaction.prototype, 'execute').mockImplementation(function (this: Transaction, name, ...rest) {
      names.push(name);
      return execute.call(this, name, ...rest);
    }),
  ];
  try {
    await run();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return names;
}

const form = (author: string) => {
  const id = randomUUID();
  return aFeedback({
    id,
    channel: 'web_form',
    account: 'contact',
    provider: { name: 'form', messageId: id, receivedVia: 'push' },
    reference: formReference(id),
    recipients: [],
    author: person(author),
  });
};
const batch = (make: (author: string) => ReturnType<typeof aFeedback>) =>
  Array.from({ length: 20 }, (_, index) => make(`p${index}`));

const ofEveryBatch = [
  'conversations_insert',
  'customers_insert',
  'identities_insert',
  'inbox_claim',
  'messages_insert',
  'organizations_find',
  'outbox_append',
  'search_backlog_insert',
  'ticket_numbers_reserve',
  'tickets_insert',
  'timeline_insert',
];

/** The rate of the pipeline is made of these: what only other channels need must not be among them. */
it.each([
  ['forms', form, []],
  ['mails', (author: string) => aFeedback({ author: person(author) }), ['mail_references_insert']],
])('a batch of new %s costs these statements', async (_, make, more) => {
  const names = await statementsOf(() => stage.receive(...batch(make)));
  expect(names.toSorted()).toEqual([...ofEveryBatch, ...more].toSorted());
});
