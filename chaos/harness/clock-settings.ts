/** Settings of a service whose clock goes wrong by so much; `CLOCK_SHIFT_MS` may be changed for its next life. */
export function wrongClock(shiftMs: number): { NODE_OPTIONS: string; CLOCK_SHIFT_MS: string } {
  return {
    NODE_OPTIONS: `--import ${new URL('shifted-clock.js', import.meta.url).href}`,
    CLOCK_SHIFT_MS: String(shiftMs),
  };
}
