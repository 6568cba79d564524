import { jest } from '@jest/globals';
import type { WireMessage } from '#contracts';
import { PublishError, type PublishErrorCode } from '#kafka';
import { createLogger } from '#observability';
import { BrokerGate } from './broker-gate.js';

const logger = createLogger('test', 'silent');
const row = (key: string): WireMessage => ({
  topic: 't',
  key,
  partitionKey: 'k',
  headers: {},
  value: Buffer.from('v'),
});
/** A spool with these rows, in their order. */
const spoolOf = (...rows: WireMessage[]) => ({ front: () => Promise.resolve(rows[0]) });

function broker() {
  const state: { available: boolean; fails: PublishErrorCode | undefined; probes: (readonly WireMessage[])[] } = {
    available: false,
    fails: 'unavailable',
    probes: [],
  };
  return Object.assign(state, {
    publish: async (messages: readonly WireMessage[]) => {
      state.probes.push(messages);
      if (state.fails !== undefined) throw new PublishError(state.fails, 'test');
    },
  });
}

describe('BrokerGate', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('counts the broker as away after three failures in a row, not before', () => {
    const gate = new BrokerGate(broker(), spoolOf(), logger);
    gate.failed();
    gate.failed();
    gate.succeeded();
    gate.failed();
    gate.failed();
    expect(gate.isAway).toBe(false);
    gate.failed();
    expect(gate.isAway).toBe(true);
    gate.close();
  });

  it('probes each second with what lies in front in the spool, until the broker acknowledges', async () => {
    const kafka = broker();
    const gate = new BrokerGate(kafka, spoolOf(row('first'), row('second')), logger);
    const returned = jest.fn();
    gate.onReturn(returned);
    for (let i = 0; i < 3; i++) gate.failed();
    await jest.advanceTimersByTimeAsync(2_500);
    expect({ away: gate.isAway, probes: kafka.probes, returned: returned.mock.calls.length }).toEqual({
      away: true,
      probes: [[row('first')], [row('first')]],
      returned: 0,
    });
    kafka.fails = undefined;
    await jest.advanceTimersByTimeAsync(1_000);
    expect({ away: gate.isAway, returned: returned.mock.calls.length }).toEqual({ away: false, returned: 1 });
  });

  it.each(['too_large', 'refused'] as const)('takes the answer %s as a sign of life', async (code) => {
    const kafka = broker();
    kafka.fails = code;
    const gate = new BrokerGate(kafka, spoolOf(row('first')), logger);
    for (let i = 0; i < 3; i++) gate.failed();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(gate.isAway).toBe(false);
  });

  it('with nothing in the spool, believes the publisher’s own connection', async () => {
    const kafka = broker();
    const gate = new BrokerGate(kafka, spoolOf(), logger);
    for (let i = 0; i < 3; i++) gate.failed();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(gate.isAway).toBe(true);
    kafka.available = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect({ away: gate.isAway, probes: kafka.probes }).toEqual({ away: false, probes: [] });
  });
});
