import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Refusal } from '#intake';

/** Counts submissions by client, in the memory of this replica: a limit against floods, not an account of rights. */
export class ClientLimits {
  private readonly limiter: RateLimiterMemory;

  constructor(options: { readonly requests: number; readonly windowSeconds: number }) {
    this.limiter = new RateLimiterMemory({ points: options.requests, duration: options.windowSeconds });
  }

  /** A refusal when this client has used up its window. */
  async take(address: string): Promise<Refusal | undefined> {
    try {
      await this.limiter.consume(clientOf(address));
      return undefined;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      return {
        kind: 'too_many',
        code: 'too_many_requests',
        detail: 'Too many submissions, try again later',
        retryAfterSeconds,
      };
    }
  }
}

/** An IPv6 client owns its /64: counting single addresses would count nothing. */
export function clientOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...middle, ...right].slice(0, 4).join(':');
}
