import type { FastifyReply } from 'fastify';
import { formReference } from '#contracts';
import { Problem } from '#http';
import { type IntakeOutcome, problemOfRefusal } from '#intake';

/** What the caller is told. `id` and `reference` hold no character that JSON escapes, so the text is put together by hand. */
export function sendOutcome(reply: FastifyReply, outcome: IntakeOutcome): void {
  switch (outcome.kind) {
    case 'accepted':
    case 'quarantined': {
      const id = outcome.kind === 'accepted' ? outcome.eventId : outcome.deadLetterId;
      void reply
        .status(202)
        .header('content-type', 'application/json; charset=utf-8')
        .send(`{"id":"${id}","reference":"${formReference(id)}"}`);
      return;
    }
    case 'refused':
      throw problemOfRefusal(outcome.refusal);
    case 'busy':
      throw busyProblem(outcome);
  }
}

function busyProblem(outcome: Extract<IntakeOutcome, { kind: 'busy' }>): Problem {
  return new Problem(
    503,
    outcome.code ?? 'unavailable',
    'Your feedback cannot be kept right now, please send it again',
    {
      headers: { 'retry-after': String(outcome.retryAfterSeconds) },
    },
  );
}
