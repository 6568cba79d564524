import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '#http';

const macBytes = 16;

/**
 * Cursors that callers can keep but not make: the place in a list, signed together with the question that the list answers.
 * A cursor of another question (other filters, other sort, other caller's scope) is refused, not silently misread.
 */
export class CursorCodec {
  constructor(private readonly secret: Buffer) {}

  /** @param place the sort values of the last item, as text. */
  encode(question: object, place: readonly string[]): string {
    const body = Buffer.from(JSON.stringify(place));
    return `${body.toString('base64url')}.${this.mac(question, body).toString('base64url')}`;
  }

  /** @throws Problem 400 `cursor_invalid` */
  decode(question: object, cursor: string): string[] {
    const [body, mac, ...rest] = cursor.split('.').map((part) => Buffer.from(part, 'base64url'));
    if (body === undefined || mac?.length !== macBytes || rest.length > 0) throw invalid();
    if (!timingSafeEqual(this.mac(question, body), mac)) throw invalid();
    return JSON.parse(body.toString()) as string[];
  }

  private mac(question: object, body: Buffer): Buffer {
    const asked = createHash('sha256').update(JSON.stringify(question)).digest();
    return createHmac('sha256', this.secret).update(asked).update(body).digest().subarray(0, macBytes);
  }
}

function invalid(): Problem {
  return new Problem(400, 'cursor_invalid', 'The cursor does not belong to this list', {
    errors: [
      { field: 'cursor', code: 'cursor_invalid', message: 'take it unchanged from nextCursor of the same question' },
    ],
  });
}
