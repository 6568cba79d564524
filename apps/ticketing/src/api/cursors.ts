import { Injectable } from '@nestjs/common';
import { SigningKeyRepository } from '../store/signing-key.repository.js';
import { CursorCodec } from './cursor.js';

/** The codec of cursors under a secret that all replicas share. */
@Injectable()
export class Cursors {
  private made: CursorCodec | undefined;

  constructor(private readonly secrets: SigningKeyRepository) {}

  async codec(): Promise<CursorCodec> {
    this.made ??= new CursorCodec(await this.secrets.secret('cursor'));
    return this.made;
  }
}
