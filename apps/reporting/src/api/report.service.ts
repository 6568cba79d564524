import { Injectable } from '@nestjs/common';
import { Problem } from '#http';
import { classifyDatabaseError } from '#postgres';
import { type Answer, composeAnswer } from '../domain/answer.js';
import { planAnswer, type Question } from '../domain/question.js';
import { ReportRepository, TooWideError } from '../store/report.repository.js';

const mostRows = 50_000;

/** Answers questions; the one place where a number comes from. */
@Injectable()
export class ReportService {
  constructor(private readonly reports: ReportRepository) {}

  /** @throws Problem 422 `metric_unavailable`, `dimension_unavailable`, `too_wide` */
  async answer(question: Question): Promise<Answer> {
    const counted = await withinLimit(() =>
      this.reports.count(question, (zones) => {
        const plan = planAnswer(question, zones);
        if (plan.from !== 'nowhere') return plan;
        throw new Problem(422, plan.code, 'This number is not available', { detail: plan.detail });
      }),
    );
    const answer = composeAnswer(question, counted);
    if (answer.rows.length > mostRows) throw tooWide(`The answer has ${answer.rows.length} rows, at most ${mostRows}.`);
    return answer;
  }
}

/** Turns what stops a read into the answer that a caller understands. @throws Problem 422 `too_wide`, 503 `unavailable` */
export async function withinLimit<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TooWideError)
      throw tooWide('It could not be answered within 5 seconds: ask for a shorter time or fewer dimensions.');
    if (classifyDatabaseError(error) !== 'transient') throw error;
    throw new Problem(503, 'unavailable', 'The numbers cannot be read right now', { headers: { 'retry-after': '5' } });
  }
}

function tooWide(detail: string): Problem {
  return new Problem(422, 'too_wide', 'The question is too wide to be answered', { detail });
}
