import type { CustomerState } from '../domain/feedback-world.js';
import { arrayLiteral, type BulkColumn, BulkInsert, BulkUpdate, iso } from './bulk-write.js';

export interface CustomerRow {
  readonly customer: CustomerState;
  readonly now: string;
}

const id: BulkColumn<CustomerRow> = { name: 'id', type: 'uuid', of: ({ customer }) => customer.id };
const acknowledgedAt: BulkColumn<CustomerRow> = {
  name: 'acknowledged_at',
  type: 'text',
  cast: 'timestamptz[]',
  of: ({ customer }) => arrayLiteral(customer.acknowledgedAt.map(iso)),
};

export const insertCustomers = new BulkInsert<CustomerRow>('customers', [
  id,
  { name: 'name', type: 'text', of: ({ customer }) => customer.name },
  { name: 'organization_id', type: 'uuid', of: ({ customer }) => customer.organizationId },
  { name: 'language', type: 'text', of: ({ customer }) => customer.language },
  acknowledgedAt,
  { name: 'created_at', type: 'timestamptz', of: ({ now }) => now },
  { name: 'updated_at', type: 'timestamptz', of: ({ now }) => now },
]);

export const updateAcknowledged = new BulkUpdate<CustomerRow>('customers', [id, acknowledgedAt], 'acknowledged');
