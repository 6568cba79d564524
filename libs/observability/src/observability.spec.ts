import { PassThrough } from 'node:stream';
import { counter, createLogger, Health, metricsText, runWithTrace, traceHeaders } from './index.js';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const stream = new PassThrough();
  write(createLogger('app', 'info', stream));
  return JSON.parse(String(stream.read())) as Record<string, unknown>;
}

describe('the log', () => {
  it('keeps secrets and words of customers out', () => {
    const entry = logged((logger) =>
      logger.info(
        { password: 'p', mail: { subject: 's', text: 't', bytes: 3 }, headers: { authorization: 'Bearer x' } },
        'sent',
      ),
    );
    expect(entry).toMatchObject({
      password: '[redacted]',
      mail: { subject: '[redacted]', text: '[redacted]', bytes: 3 },
      headers: { authorization: '[redacted]' },
      msg: 'sent',
    });
  });

  it('keeps what a driver hangs on its errors out', () => {
    const err = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(lan@x.vn)',
      parameters: ['lan'],
    });
    const entry = logged((logger) => logger.error({ err }, 'not stored'));
    expect(entry.err).toEqual({ type: 'Error', code: '23505', message: 'duplicate key', stack: err.stack });
  });

  it('carries the correlation id of the current work', () => {
    const entry = runWithTrace(undefined, 'order-7', () => logged((logger) => logger.info('x')));
    expect(entry.correlationId).toBe('order-7');
  });
});

describe('the trace', () => {
  it('goes on with the caller’s trace id under a span of its own', () => {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = runWithTrace(parent, undefined, traceHeaders);
    expect(headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(headers.traceparent).not.toBe(parent);
  });

  it.each(['', 'x', '00-short-b7ad6b7169203331-01'])('replaces the malformed parent "%s"', (parent) => {
    expect(runWithTrace(parent, undefined, traceHeaders).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('is empty outside of any work', () => {
    expect(traceHeaders()).toEqual({});
  });
});

describe('metrics', () => {
  it('are one per name', async () => {
    const options = { name: 'phanhoi_test_total', help: 'x', labelNames: ['source'] } as const;
    counter(options).inc({ source: 'a' });
    counter(options).inc({ source: 'a' });
    expect((await metricsText()).text).toContain('phanhoi_test_total{source="a"} 2');
  });
});

describe('health', () => {
  it('is live while every loop turns within a minute', () => {
    let now = 0;
    const health = new Health(() => now);
    const loop = health.loop('consumer');
    now = 59_999;
    expect(health.liveness().ok).toBe(true);
    now = 60_001;
    expect(health.liveness()).toEqual({ ok: false, checks: { consumer: false } });
    loop.turn();
    expect(health.liveness().ok).toBe(true);
    loop.stop();
    now = 1_000_000;
    expect(health.liveness().ok).toBe(true);
  });

  it('counts a check that throws, or never answers, as failed', async () => {
    const health = new Health();
    health.addCheck('throws', async () => {
      throw new Error('x');
    });
    health.addCheck('hangs', () => new Promise(() => undefined));
    expect(await health.readiness()).toEqual({ ok: false, checks: { throws: false, hangs: false } });
  });
});
