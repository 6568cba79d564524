import { PresenceOfRuns } from '#postgres';

export class PresenceOfRuns1796200000000 extends PresenceOfRuns {
  readonly name = 'PresenceOfRuns1796200000000';
}
