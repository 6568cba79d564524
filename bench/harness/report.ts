import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Spread } from './figures.js';
import { describeMachine, load } from './machine.js';

interface Bar {
  readonly what: string;
  readonly want: string;
  readonly got: string;
  readonly ok: boolean;
}

const show = (value: number) =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

/** The outcome of one bench or chaos run: figures, and bars that hold or do not. */
export class Report {
  private readonly figures: Record<string, unknown> = {};
  private readonly bars: Bar[] = [];
  private readonly loadBefore = load();

  constructor(
    private readonly kind: 'bench' | 'chaos',
    readonly name: string,
  ) {
    console.log(`\n${kind} ${name}: ${describeMachine()}, load before ${this.loadBefore}`);
  }

  /** Progress for whoever watches. */
  say(line: string): void {
    console.log(`  ${line}`);
  }

  figure(name: string, value: number | string, unit = ''): void {
    this.figures[name] = value;
    this.say(`${name.padEnd(58)} ${typeof value === 'number' ? show(value) : value} ${unit}`.trimEnd());
  }

  spread(name: string, value: Spread, unit: string): void {
    this.figures[name] = { ...value, unit };
    this.say(
      `${name.padEnd(58)} ${show(value.median)} ${unit} (min ${show(value.min)}, max ${show(value.max)}, ${value.runs} runs)`,
    );
  }

  atLeast(what: string, want: number, got: number, unit = ''): void {
    this.bar(what, `>= ${want} ${unit}`.trim(), `${show(got)} ${unit}`.trim(), got >= want);
  }

  atMost(what: string, want: number, got: number, unit = ''): void {
    this.bar(what, `<= ${want} ${unit}`.trim(), `${show(got)} ${unit}`.trim(), got <= want);
  }

  equals(what: string, want: number | string, got: number | string): void {
    this.bar(what, String(want), String(got), want === got);
  }

  private bar(what: string, want: string, got: string, ok: boolean): void {
    this.bars.push({ what, want, got, ok });
    this.say(`${ok ? 'ok  ' : 'FAIL'} ${what.padEnd(53)} ${got} (bar ${want})`);
  }

  /** Writes the report and tells whether every bar holds; a run without any bar holds nothing. */
  finish(): boolean {
    const folder = join(process.env.PHANHOI_HOME ?? '.phanhoi', 'reports');
    mkdirSync(folder, { recursive: true });
    const report = {
      name: this.name,
      at: new Date().toISOString(),
      machine: describeMachine(),
      load: { before: this.loadBefore, after: load() },
      figures: this.figures,
      bars: this.bars,
    };
    writeFileSync(join(folder, `${this.kind}-${this.name}.json`), `${JSON.stringify(report, null, 2)}\n`);
    this.say(`load after ${load()}`);
    return this.bars.length > 0 && this.bars.every(({ ok }) => ok);
  }
}
