import { join } from 'node:path';
import { Acknowledged } from './acknowledged.js';
import { type NetworkCustomer, NetworkCustomers } from './network-customers.js';
import type { World } from './world.js';

interface Wave {
  /** How long ago it happens, by the clocks of the services. */
  readonly hoursAgo: number;
  readonly forms: number;
  /** People on each channel that comes by webhook. */
  readonly perChannel: number;
}

/** A customer of the networks, and when. */
export interface Customer extends NetworkCustomer {
  readonly hoursAgo: number;
}

const atOnce = 40;
const hourMs = 3_600_000;
/** Providers report what has been. */
const agoMs = 60_000;

/** Forms and webhooks as fast as they are taken, each person's in their order; what was promised is on disk. */
export class OutageLoad {
  readonly forms: Acknowledged;
  readonly customers: Customer[] = [];
  private readonly networks: NetworkCustomers;
  private readonly statuses = new Map<string, number>();

  constructor(private readonly world: World) {
    this.forms = new Acknowledged(join(world.dir, 'forms.acknowledged'));
    this.networks = new NetworkCustomers(world.accounts);
  }

  /** Answers that promise nothing, with their number; `0` is none. */
  get refusals(): string {
    return [...this.statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  }

  /** What people said and are to see: an edit instead of what it replaced. */
  get words(): string[] {
    return this.customers.flatMap(({ said: [first, second, edited] }) => [edited ?? first ?? '', second ?? '']);
  }

  async run({ hoursAgo, forms, perChannel }: Wave): Promise<void> {
    const at = new Date(Date.now() - hoursAgo * hourMs - agoMs);
    const customers = this.networks.some(perChannel, at);
    this.customers.push(...customers.map((customer) => ({ ...customer, hoursAgo })));
    const numbers = Array.from({ length: forms }, (_, number) => number);
    await Promise.all([
      this.each(numbers, (number) => this.fillIn(`khach.${number}@h${hoursAgo}.example`)),
      this.each([...customers], async ({ deliveries }) => {
        for (const deliver of deliveries) this.note('webhook', await deliver().catch(() => 0));
      }),
    ]);
  }

  close(): void {
    this.forms.close();
  }

  private async fillIn(email: string): Promise<void> {
    const answer = await fetch(`${this.world.service('web-form-intake').url}/api/v1/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, message: 'Mạng không vào được từ sáng.' }),
    }).catch(() => undefined);
    if (answer?.status === 202) this.forms.add(((await answer.json()) as { id: string }).id);
    this.note('form', answer?.status ?? 0);
  }

  private note(what: string, status: number): void {
    if (status >= 200 && status < 300) return;
    const name = `${what} ${status}`;
    this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
  }

  private async each<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
    const worker = async () => {
      for (let item = items.shift(); item !== undefined; item = items.shift()) await work(item);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}
