import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** Deeper JSON than this serves nobody and overflows recursive readers. */
const maxDepth = 64;
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...Buffer.from('"\\{}[]')];

/** Tells whether a JSON text nests deeper than `limit`, in one pass over its bytes and without parsing it. */
export function nestsDeeperThan(json: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (inString) {
      if (byte === backslash) i++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > limit) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}

/** Takes JSON bodies: bounded depth, no prototype tricks, a stable code for what is no JSON. */
export function takeJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (nestsDeeperThan(bytes, maxDepth)) {
      done(new Problem(400, 'json_too_deep', `JSON may nest ${maxDepth} levels at most`));
      return;
    }
    void parse(request, bytes.toString('utf8'), (error, value: unknown) => {
      if (error === null) done(null, value);
      else done(new Problem(400, 'invalid_json', 'The body is not valid JSON'));
    });
  });
}
