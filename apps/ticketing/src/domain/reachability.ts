import type { Channel, DeliveryErrorCode, FallbackReason, FeedbackReceived } from '#contracts';

/** What was last learnt of writing to an identity on a channel. Only the newest is kept. */
export type ReachabilityState = 'opted_out' | 'opted_in' | 'unreachable' | 'window_closed';

export interface ContactState {
  readonly channel: Channel;
  readonly state: ReachabilityState;
  readonly at: Date;
}

export interface Reachability extends ContactState {
  readonly identityId: string;
}

const failures: Readonly<Partial<Record<DeliveryErrorCode, ReachabilityState>>> = {
  recipient_opted_out: 'opted_out',
  recipient_unreachable: 'unreachable',
  window_closed: 'window_closed',
};

/** What a failed delivery says about its recipient; most failures say nothing. */
export function stateOfFailure(code: DeliveryErrorCode | undefined): ReachabilityState | undefined {
  return code === undefined ? undefined : failures[code];
}

/** STOP and START, as the intake has understood them. */
export function consentOf({ signals }: FeedbackReceived): 'opted_out' | 'opted_in' | undefined {
  if (signals.flags.length === 0) return undefined;
  if (signals.flags.includes('opt_out')) return 'opted_out';
  return signals.flags.includes('opt_in') ? 'opted_in' : undefined;
}

/**
 * Why nothing may go there, if so. Whatever the customer writes later proves the contrary, so that nothing has to be cleared
 * when he does; only a STOP by SMS stands until START, since carriers and our own intake refuse until then.
 */
export function obstacleOf(known: ContactState | undefined, wroteAt: Date | undefined): FallbackReason | undefined {
  if (known === undefined || known.state === 'opted_in') return undefined;
  const stands = known.channel === 'sms' && known.state === 'opted_out';
  return stands || wroteAt === undefined || wroteAt <= known.at ? known.state : undefined;
}
