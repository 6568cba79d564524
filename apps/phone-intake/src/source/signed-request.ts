import type { FastifyRequest } from 'fastify';
import { observeSignature } from '#intake';
import type { PhoneDelivery, PhoneIntake } from '../phone.intake.js';
import type { PhoneAccount } from './accounts.js';
import { assertKept, bytesOf } from './bodies.js';

/** The bytes of a webhook of this account. @throws Problem when `isSigned` says that they are not the provider's: nothing is kept. */
export function signedBytes(
  intake: PhoneIntake,
  account: PhoneAccount,
  request: FastifyRequest,
  isSigned: (bytes: Buffer) => boolean,
): Buffer {
  const bytes = bytesOf(request);
  const valid = isSigned(bytes);
  observeSignature(`${account.channel}:${account.id}`, valid);
  if (!valid) assertKept(intake.refuseForged(account));
  return bytes;
}

/** Makes durable what a provider has pushed. @throws Problem when it must come again. */
export async function keepPushed(
  intake: PhoneIntake,
  pushed: Omit<PhoneDelivery, 'receivedAt' | 'receivedVia'>,
): Promise<void> {
  assertKept(await intake.receive({ ...pushed, receivedAt: new Date(), receivedVia: 'push' }));
}
