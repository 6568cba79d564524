import { PaceOfSending } from '#postgres';

export class PaceOfSending1795900000000 extends PaceOfSending {
  readonly name = 'PaceOfSending1795900000000';
}
