import { PaceOfSending } from '#postgres';

export class PaceOfSending1795700000000 extends PaceOfSending {
  readonly name = 'PaceOfSending1795700000000';
}
