import type { Role } from '#contracts';

/** Who calls: what a verified access token says about its bearer. */
export interface Principal {
  readonly accountId: string;
  readonly role: Role;
  readonly name: string;
  /** The agent behind the account, where the account is one. */
  readonly agentId?: string;
}
