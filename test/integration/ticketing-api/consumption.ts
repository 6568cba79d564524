import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FeedbackReceived } from '#contracts';
import type { Consumed } from '#kafka';
import { Database } from '#postgres';
import { AcknowledgementBrake } from '../../../apps/ticketing/src/consume/acknowledgement-brake.js';
import { CONSUME_RULES, type ConsumeRules } from '../../../apps/ticketing/src/consume/consume-rules.js';
import { ErasedReturns } from '../../../apps/ticketing/src/consume/erased-returns.js';
import { FeedbackBatch } from '../../../apps/ticketing/src/consume/feedback.batch.js';
import { FeedbackLoader } from '../../../apps/ticketing/src/consume/feedback.loader.js';
import { TicketNumbers } from '../../../apps/ticketing/src/consume/ticket-numbers.js';

const rules: ConsumeRules = {
  secrets: ['test-thread-secret-of-thirty-two-characters'],
  prefix: 'PH',
  acknowledgement: {
    enabled: false,
    channels: new Set(['email']),
    quiet: { from: 0, to: 0, zone: 'UTC', holidays: new Set() },
    formAccount: 'support',
    defaultLanguage: 'vi',
  },
  whatsappTemplates: false,
  acknowledgementsPerMinute: 60,
};

/** The consumer's parts, so that tickets come into being as they do in life, without a broker. */
export const intakeProviders: Provider[] = [
  { provide: CONSUME_RULES, useValue: rules },
  AcknowledgementBrake,
  ErasedReturns,
  FeedbackBatch,
  FeedbackLoader,
  TicketNumbers,
];

export async function consume(app: NestFastifyApplication, events: readonly FeedbackReceived[]): Promise<void> {
  const batch = app.get(FeedbackBatch);
  const records = events.map((data, offset) => ({
    id: data.id,
    data,
    headers: {},
    offset: String(offset),
  })) as unknown as Consumed<FeedbackReceived>[];
  const outcomes = await app.get(Database).transaction((tx) => batch.process(tx, records, []));
  const bad = outcomes.filter(({ kind }) => kind !== 'ok');
  if (bad.length > 0) throw new Error(`events were not taken: ${JSON.stringify(bad)}`);
}
