import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type IntakeOutcome, problemOfBusy, problemOfRefusal } from '#intake';
import { tableType } from './cdr/table-file.js';

/** Signatures cover the bytes that came, so bodies stay bytes. No webhook of a provider comes near this. */
const bodyLimit = 128 * 1024;
const types = ['application/json', 'application/x-www-form-urlencoded'];
/** Tables of calls, streamed; the second is what browsers make of .csv where Excel is installed. */
const tableTypes = [tableType, 'application/vnd.ms-excel'];

export function registerBodyParsers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(tableTypes, (_request, stream, done) => done(null, stream));
  for (const type of types)
    app.useBodyParser(
      type,
      { bodyLimit },
      (_request: unknown, body: Buffer, done: (error: Error | null, body: Buffer) => void) => done(null, body),
    );
}

export function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** @throws Problem for an outcome that the caller must act on. */
export function assertKept(outcome: IntakeOutcome | undefined): void {
  if (outcome?.kind === 'refused') throw problemOfRefusal(outcome.refusal);
  if (outcome?.kind === 'busy') throw problemOfBusy(outcome);
}

/** Twilio does what TwiML says; ours says nothing. */
export function sendEmptyTwiml(reply: FastifyReply): void {
  void reply
    .status(200)
    .header('content-type', 'text/xml; charset=utf-8')
    .send('<?xml version="1.0" encoding="UTF-8"?><Response/>');
}
