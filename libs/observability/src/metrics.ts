import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One registry a process. */
const registry = new Registry();
let collectsDefaults = false;

interface MetricOptions<Label extends string> {
  /** With unit suffix, as Prometheus names things: `_total`, `_seconds`, `_bytes`. */
  readonly name: `phanhoi_${string}`;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

/** A counter; asking again for the same name gives the same counter. */
export function counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label> {
  const known = registry.getSingleMetric(options.name) as Counter<Label> | undefined;
  return (
    known ?? new Counter<Label>({ ...options, labelNames: [...(options.labelNames ?? [])], registers: [registry] })
  );
}

/** A gauge; asking again for the same name gives the same gauge. */
export function gauge<Label extends string = never>(options: MetricOptions<Label>): Gauge<Label> {
  const known = registry.getSingleMetric(options.name) as Gauge<Label> | undefined;
  return known ?? new Gauge<Label>({ ...options, labelNames: [...(options.labelNames ?? [])], registers: [registry] });
}

/** A histogram in seconds unless its name says otherwise; asking again for the same name gives the same histogram. */
export function histogram<Label extends string = never>(
  options: MetricOptions<Label> & { readonly buckets?: readonly number[] },
): Histogram<Label> {
  const known = registry.getSingleMetric(options.name) as Histogram<Label> | undefined;
  const buckets = options.buckets ?? [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
  return (
    known ??
    new Histogram<Label>({
      ...options,
      buckets: [...buckets],
      labelNames: [...(options.labelNames ?? [])],
      registers: [registry],
    })
  );
}

/** Adds memory, event-loop and garbage-collection metrics of this process. */
export function collectProcessMetrics(): void {
  if (collectsDefaults) return;
  collectsDefaults = true;
  collectDefaultMetrics({ register: registry });
}

/** The page for Prometheus, with its content type. */
export async function metricsText(): Promise<{ readonly contentType: string; readonly text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}
