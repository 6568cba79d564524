import { Problem } from '#http';

export const ticketUnknown = () => new Problem(404, 'ticket_unknown', 'There is no such ticket');

export const ticketStale = (sequence: number) =>
  new Problem(412, 'ticket_changed', 'The ticket was changed since it was read', {
    headers: { ETag: `"${sequence}"` },
  });

export const ticketMerged = (into: string) =>
  new Problem(409, 'ticket_merged', 'The ticket was merged into another', { detail: into });
