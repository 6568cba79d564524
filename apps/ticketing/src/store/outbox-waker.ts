import { Injectable } from '@nestjs/common';

/** Tells the relay that something was committed. The relay is bound when it starts; until then its poll finds the rows. */
@Injectable()
export class OutboxWaker {
  private listener: () => void = () => undefined;

  bind(listener: () => void): void {
    this.listener = listener;
  }

  wake(): void {
    this.listener();
  }
}
