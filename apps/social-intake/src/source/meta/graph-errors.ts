import type { DeliveryErrorCode } from '#contracts';

/** What Graph's code says of a message. `uncertain`: Meta itself does not know whether it went out. */
export type GraphMeaning = { readonly code: DeliveryErrorCode; readonly permanent: boolean } | 'uncertain';

const forGood = (code: DeliveryErrorCode): GraphMeaning => ({ code, permanent: true });
const forNow = (code: DeliveryErrorCode): GraphMeaning => ({ code, permanent: false });

/**
 * Sources (2026-11-23): developers.facebook.com/docs/messenger-platform/error-codes, …/docs/graph-api/guides/error-handling,
 * …/documentation/business-messaging/whatsapp/support/error-codes. Subcodes are looked up before codes.
 */
const subcodes: Readonly<Record<string, GraphMeaning>> = {
  2018278: forGood('window_closed'),
  2018065: forGood('window_closed'),
  2534022: forGood('window_closed'),
  1545041: forGood('recipient_unreachable'),
  2018108: forGood('recipient_unreachable'),
  2018001: forGood('recipient_rejected'),
};

const codes: Readonly<Record<string, GraphMeaning>> = {
  // The error page itself tells of a case in which everything was sent.
  1: 'uncertain',
  2: 'uncertain',
  1200: forNow('temporarily_rejected'),
  // Rates: of the app, the user, the page, the API; of a business, a number, a pair of numbers.
  4: forNow('too_many_requests'),
  17: forNow('too_many_requests'),
  32: forNow('too_many_requests'),
  613: forNow('too_many_requests'),
  80006: forNow('too_many_requests'),
  80007: forNow('too_many_requests'),
  130429: forNow('too_many_requests'),
  131048: forNow('too_many_requests'),
  131056: forNow('too_many_requests'),
  // The token, or what it may do: mended by whoever runs the account.
  102: forNow('reauthorization_needed'),
  190: forNow('reauthorization_needed'),
  0: forNow('reauthorization_needed'),
  3: forNow('authentication_failed'),
  10: forNow('authentication_failed'),
  200: forNow('authentication_failed'),
  230: forNow('authentication_failed'),
  368: forNow('temporarily_rejected'),
  131005: forNow('authentication_failed'),
  131031: forNow('authentication_failed'),
  131042: forNow('temporarily_rejected'),
  131045: forNow('authentication_failed'),
  // The person.
  551: forGood('recipient_unreachable'),
  131021: forGood('recipient_rejected'),
  131026: forGood('recipient_unreachable'),
  131030: forGood('recipient_rejected'),
  131049: forGood('recipient_unreachable'),
  131050: forGood('recipient_opted_out'),
  131047: forGood('window_closed'),
  // What was to be said.
  100: forGood('message_rejected'),
  10900: forGood('message_rejected'),
  131008: forGood('message_rejected'),
  131009: forGood('message_rejected'),
  131051: forGood('message_rejected'),
  132000: forGood('message_rejected'),
  132001: forGood('message_rejected'),
  132005: forGood('message_too_large'),
  132007: forGood('message_rejected'),
  132012: forGood('message_rejected'),
  132015: forGood('message_rejected'),
  132016: forGood('message_rejected'),
  131000: forNow('temporarily_rejected'),
  131016: forNow('temporarily_rejected'),
  131057: forNow('temporarily_rejected'),
};

export function graphMeaning(code: string | undefined, subcode: string | undefined): GraphMeaning | undefined {
  return find(subcodes, subcode) ?? find(codes, code);
}

function find(registry: Readonly<Record<string, GraphMeaning>>, code: string | undefined): GraphMeaning | undefined {
  return code !== undefined && Object.hasOwn(registry, code) ? registry[code] : undefined;
}
