import { Problem } from '#http';
import { bucketLabel, bucketStarts } from '../domain/buckets.js';
import type { Question } from '../domain/question.js';

/** Narrows a question to one of its buckets, named as in the report. @throws Problem 400 `unknown_bucket` */
export function narrowToBucket(question: Question, label: string): Question {
  const { granularity, zone, from, to } = question;
  if (granularity !== 'weekday_hour') {
    const starts = bucketStarts(question, granularity, zone);
    const index = starts.findIndex((start) => bucketLabel(start, granularity, zone) === label);
    const start = starts[index];
    if (start !== undefined) return { ...question, from: Math.max(from, start), to: starts[index + 1] ?? to };
  }
  throw new Problem(400, 'unknown_bucket', 'The question has no bucket of this name');
}
