/**
 * An integer log-bucket histogram with the mapping of DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019) at 1 % relative
 * error. Bins hold whole numbers and may be taken away from, which the published sketches cannot.
 */
const relativeError = 0.01;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);

/** 292 years in milliseconds map to bin 1471: longer durations are counted there. */
export const highestBin = 1_500;

/** The bin of a duration in whole milliseconds: 0 for none, else 1 + ⌈log γ⌉. */
export function binOf(milliseconds: number): number {
  if (milliseconds < 1) return 0;
  return Math.min(highestBin, 1 + Math.ceil(Math.log(milliseconds) / logGamma));
}

/** The value that stands for a bin: at most 1 % from every duration in it. */
export function valueOf(bin: number): number {
  return bin === 0 ? 0 : (2 * gamma ** (bin - 1)) / (gamma + 1);
}

export class Histogram {
  readonly #counts = new Int32Array(highestBin + 1);
  #low = highestBin + 1;
  #high = -1;

  add(bin: number, count: number): void {
    this.#counts[bin]! += count;
    if (bin < this.#low) this.#low = bin;
    if (bin > this.#high) this.#high = bin;
  }

  /** Empties it, for the next use of the same memory. */
  clear(): void {
    if (this.#high >= 0) this.#counts.fill(0, this.#low, this.#high + 1);
    this.#low = highestBin + 1;
    this.#high = -1;
  }

  merge(other: Histogram): void {
    if (other.#high < 0) return;
    const [mine, theirs] = [this.#counts, other.#counts];
    for (let bin = other.#low; bin <= other.#high; bin++) mine[bin]! += theirs[bin]!;
    this.#low = Math.min(this.#low, other.#low);
    this.#high = Math.max(this.#high, other.#high);
  }

  get count(): number {
    let total = 0;
    for (let bin = this.#low; bin <= this.#high; bin++) total += this.#counts[bin]!;
    return total;
  }

  /** The smallest value that at least the share q does not exceed (percentile_disc of SQL), in ms, within 1 %; undefined when empty. */
  quantile(q: number): number | undefined {
    const rank = Math.max(0, Math.ceil(q * this.count) - 1);
    let seen = 0;
    for (let bin = this.#low; bin <= this.#high; bin++) {
      seen += this.#counts[bin]!;
      if (seen > rank) return valueOf(bin);
    }
    return undefined;
  }

  /** Pairs of varints, (gap to the bin before, count in zigzag), lowest bin first; empty bins are left out. */
  encode(): Buffer {
    const bytes: number[] = [];
    let before = 0;
    for (let bin = this.#low; bin <= this.#high; bin++) {
      const count = this.#counts[bin]!;
      if (count === 0) continue;
      pushVarint(bytes, bin - before);
      pushVarint(bytes, count >= 0 ? count * 2 : -count * 2 - 1);
      before = bin;
    }
    return Buffer.from(bytes);
  }

  /** Adds what `encode` wrote. */
  mergeEncoded(bytes: Uint8Array): void {
    let position = 0;
    let bin = 0;
    const next = () => {
      let byte = bytes[position++]!;
      if (byte < 128) return byte;
      let value = byte & 127;
      for (let scale = 128; ; scale *= 128) {
        byte = bytes[position++]!;
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
    };
    while (position < bytes.length) {
      bin += next();
      const zigzag = next();
      this.add(bin, zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
    }
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
