import { LateMediaTable } from '#postgres';

export class LateMedia1796100000000 extends LateMediaTable {
  readonly name = 'LateMedia1796100000000';
}
