import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** What the product said yes to, on disk before anything else happens: the fault run must not lose its own memory. */
export class Acknowledged {
  private readonly file: number;
  readonly ids: string[] = [];

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  add(id: string): void {
    writeSync(this.file, `${id}\n`);
    fsyncSync(this.file);
    this.ids.push(id);
  }

  close(): void {
    closeSync(this.file);
  }
}
