// Loaded with --import before a service: its wall clock goes wrong by CLOCK_SHIFT_MS. What measures spans (performance.now) stays right.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const now = Date.now.bind(Date);

Date.now = () => now() + shiftMs;
globalThis.Date = new Proxy(Date, {
  construct: (date, given, target) =>
    Reflect.construct(date, given.length === 0 ? [date.now()] : given, target) as Date,
});
