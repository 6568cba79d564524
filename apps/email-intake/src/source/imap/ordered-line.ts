/** Work that settles in its order, with a bound on how much of it is open. */
export class OrderedLine {
  private readonly open: Promise<void>[] = [];
  last: Promise<void> = Promise.resolve();

  constructor(private readonly length: number) {}

  async push(work: Promise<void>): Promise<void> {
    // Each is awaited below; until then its rejection must not count as unhandled.
    work.catch(() => undefined);
    this.last = work;
    this.open.push(work);
    while (this.open.length >= this.length) await this.open.shift();
  }

  async drained(): Promise<void> {
    const settled = await Promise.allSettled(this.open);
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

/** The result of the work, once what came earlier has settled as well. */
export async function settledWith<T>(work: Promise<T>, earlier: Promise<void>): Promise<T> {
  const [done, before] = await Promise.allSettled([work, earlier]);
  if (before.status === 'rejected') throw before.reason;
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}
