import { Injectable } from '@nestjs/common';
import { type KeyRing, keyRing, type SigningKey } from '#auth';
import { SigningKeyRepository } from '../../store/signing-key.repository.js';

/** Short against the day for which a new key is published before it signs. */
const readAgainAfterMs = 60_000;

/** The keys of this moment, as all replicas see them; makes the first key and each successor when it is due. */
@Injectable()
export class SigningKeyRing {
  private keys: SigningKey[] = [];
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  constructor(private readonly repository: SigningKeyRepository) {}

  async signing(): Promise<SigningKey> {
    const { signing } = await this.current();
    if (signing === undefined) throw new Error('there is no signing key');
    return signing;
  }

  async published(): Promise<KeyRing['published']> {
    return (await this.current()).published;
  }

  private async current(): Promise<KeyRing> {
    if (Date.now() - this.readAt > readAgainAfterMs) {
      this.reading ??= this.read().finally(() => {
        this.reading = undefined;
      });
      await this.reading;
    }
    return keyRing(this.keys, new Date());
  }

  private async read(): Promise<void> {
    const stored = await this.repository.load();
    const { needsSuccessor, expired } = keyRing(stored, new Date());
    this.keys = needsSuccessor || expired.length > 0 ? await this.repository.rotate() : stored;
    this.readAt = Date.now();
  }
}
