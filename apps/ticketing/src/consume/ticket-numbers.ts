import { Injectable } from '@nestjs/common';
import type { Transaction } from '#postgres';
import { FeedbackStore } from '../store/feedback.store.js';

/** Numbers for a batch: as many as it could need, since facts carry them. What it does not need serves the next batch. */
@Injectable()
export class TicketNumbers {
  private spare: number[] = [];

  constructor(private readonly store: FeedbackStore) {}

  async take(tx: Transaction, count: number): Promise<number[]> {
    const taken = this.spare.splice(0, count);
    return taken.length === count ? taken : [...taken, ...(await this.store.reserveNumbers(tx, count - taken.length))];
  }

  giveBack(unused: readonly number[]): void {
    this.spare = [...this.spare, ...unused].sort((a, b) => a - b);
  }
}
