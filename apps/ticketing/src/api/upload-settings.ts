import { z } from 'zod';

const positive = (fallback: number, most: number) => z.coerce.number().int().min(1).max(most).default(fallback);

/** Files of an answer: how many, how large each. A channel may take fewer and smaller ones. Bytes. */
export const uploadSettings = {
  ANSWER_FILES_MAX_COUNT: positive(10, 100),
  ANSWER_FILES_MAX_BYTES: positive(10 * 1024 * 1024, 100 * 1024 * 1024),
} as const;
