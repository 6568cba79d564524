import { warningsOf } from './console.js';

const printed = (lines: readonly string[]) => {
  const shown: string[] = [];
  const show = warningsOf('ticketing', (line) => shown.push(line));
  for (const line of lines) show(line);
  return shown;
};

describe("a service's lines on the console", () => {
  it.each([
    ['an information', '{"level":30,"msg":"listening"}', []],
    ['a warning', '{"level":40,"msg":"trying again"}', ['[ticketing] WARN trying again']],
    ['an error', '{"level":50,"msg":"failed","err":{"message":"no room"}}', ['[ticketing] ERROR failed: no room']],
    ['what Node itself says', 'Error: boom', ['[ticketing] Error: boom']],
    ['what only looks like JSON', '{broken', ['[ticketing] {broken']],
    ['an empty line', '', []],
  ])('%s', (_, line, shown) => {
    expect(printed([line])).toEqual(shown);
  });

  it('say the same thing once', () => {
    const line = '{"level":40,"msg":"broker is away"}';
    expect(printed([line, line, line])).toEqual(['[ticketing] WARN broker is away']);
  });
});
