import type { LateInput } from '#intake';
import type { PhoneContext } from '../normalize/context.js';
import type { PhoneIntake } from '../phone.intake.js';
import type { PhoneAccount } from './accounts.js';
import { readTwilioSms } from './twilio/twilio-events.js';

const contentType = 'application/x-www-form-urlencoded';

/** The files of an MMS that were not there when it came: of all providers only Twilio's messages have any. */
export async function fetchAgain(
  { account: id, body: bytes, receivedVia, isLast }: LateInput,
  accounts: readonly PhoneAccount[],
  intake: PhoneIntake,
): Promise<'published' | 'waiting'> {
  const account = accounts.find((one) => one.id === id);
  if (account === undefined) return 'waiting';
  const read = (context: PhoneContext) => readTwilioSms(bytes, context);
  return await intake.fetchAgain({ account, bytes, contentType, receivedAt: new Date(), receivedVia, read }, isLast);
}
