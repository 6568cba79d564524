import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#observability';
import { Lease, LeaseLostError, type LeaseOptions } from './lease.js';

const renewEveryMs = 1_500;
const retryEveryMs = 500;

/** What the work is told while it holds the lease. */
export interface HeldLease {
  readonly lease: Lease;
  /** Aborted as soon as the lease is lost or the caller stops. */
  readonly signal: AbortSignal;
}

export interface KeepLeaseOptions extends LeaseOptions {
  readonly logger: Logger;
  /** Ends the keeping; the lease is released after `run` has returned. */
  readonly signal: AbortSignal;
  /** Works until its signal is aborted. Returning or throwing earlier gives the lease up for one pause, then it is sought again. */
  readonly run: (held: HeldLease) => Promise<void>;
}

/**
 * Seeks the lease until `signal` is aborted, and runs the work whenever it is held, renewing each 1.5 s. Never rejects:
 * an absent database is met with patience. Resolves when everything has ended.
 */
export async function withLease(options: KeepLeaseOptions): Promise<void> {
  const { logger, signal } = options;
  const lease = new Lease(options);
  while (!signal.aborted) {
    try {
      if (await lease.acquire()) await runHeld(lease, options);
    } catch (error) {
      logger.warn({ err: error, lease: lease.name }, 'lease: the work or the database failed, trying again');
    }
    await pause(retryEveryMs, signal);
  }
}

async function runHeld(lease: Lease, { run, signal, logger }: KeepLeaseOptions): Promise<void> {
  const lost = new AbortController();
  const ended = new AbortController();
  const held = AbortSignal.any([signal, lost.signal]);
  logger.info({ lease: lease.name, epoch: lease.epoch }, 'lease acquired');
  const renewing = renewUntil(lease, lost, ended.signal);
  try {
    await run({ lease, signal: held });
  } finally {
    ended.abort();
    await renewing;
    await lease.release();
  }
}

/** Renews until the work has ended; a failing database is retried as long as the lease lasts by our own clock. */
async function renewUntil(lease: Lease, lost: AbortController, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await pause(Math.min(renewEveryMs, lease.remainingMs), ended);
    if (ended.aborted) return;
    if (await renewed(lease)) continue;
    lost.abort(new LeaseLostError(lease.name));
    return;
  }
}

/** A renewal that hangs must not hide that the time is up; one that fails leaves what is left of it. */
async function renewed(lease: Lease): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), lease.remainingMs);
  });
  const renewal = lease.renew().catch(async () => {
    await delay(Math.min(retryEveryMs, lease.remainingMs));
    return lease.held;
  });
  try {
    return await Promise.race([renewal, expired]);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
