import { Problem } from '#http';
import type { Position } from '../store/drilldown.repository.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const written = /^(\d{1,15})\.([0-9a-f-]{36})$/;

export function writeCursor({ at, id }: Position): string {
  return Buffer.from(`${at}.${id}`).toString('base64url');
}

/** @throws Problem 400 `invalid_cursor` for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): Position {
  const [, at, id] = written.exec(Buffer.from(cursor.slice(0, 200), 'base64url').toString('latin1')) ?? [];
  if (at === undefined || id === undefined || !uuid.test(id) || Number(at) > 8.64e15)
    throw new Problem(400, 'invalid_cursor', 'The cursor is not one of ours');
  return { at: Number(at), id };
}
