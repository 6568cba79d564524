/** Which tickets a caller may see: all, or those of an agent's teams, of no team, and his own. */
export type TicketScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'agent'; readonly agentId: string; readonly teamIds: readonly string[] };

/** The scope as three values for `$n`, `$n+1`, `$n+2` of `scopeCondition`. */
export function scopeValues(scope: TicketScope): [all: boolean, agentId: string | null, teamIds: readonly string[]] {
  return scope.kind === 'all' ? [true, null, []] : [false, scope.agentId, scope.teamIds];
}

export function scopeCondition(table: string, first: number): string {
  const [all, agent, teams] = [first, first + 1, first + 2];
  return `($${all}::boolean OR ${table}.team_id IS NULL OR ${table}.agent_id = $${agent}::uuid OR ${table}.team_id = ANY($${teams}::uuid[]))`;
}

export function isWithin(scope: TicketScope, ticket: { teamId: string | null; agentId: string | null }): boolean {
  if (scope.kind === 'all' || ticket.teamId === null || ticket.agentId === scope.agentId) return true;
  return scope.teamIds.includes(ticket.teamId);
}
