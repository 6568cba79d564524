import { Injectable } from '@nestjs/common';
import { Problem } from '#http';
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

/** Turns the limit of the store into the answer that a caller understands. */
export async function withinLimit<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TooWideError)) throw error;
    throw tooWide('It could not be answered within 5 seconds: ask for a shorter time or fewer dimensions.');
  }
}

function tooWide(detail: string): Problem {
  return new Problem(422, 'too_wide', 'The question is too wide to be answered', { detail });
}
