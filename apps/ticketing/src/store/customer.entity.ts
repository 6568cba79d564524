import type { Channel, IdentityKind } from '#contracts';
import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { ReachabilityState } from '../domain/reachability.js';

@Entity({ name: 'customers' })
@Index('customers_created', ['createdAt', 'id'])
@Index('customers_organization', ['organizationId'], { where: 'organization_id IS NOT NULL' })
export class Customer {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'customers_pkey' })
  id: string;
  @Column('text', { nullable: true })
  name: string | null;
  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;
  @Column('text', { nullable: true })
  language: string | null;
  /** Set when the customer was found to be another one; readers follow it. */
  @Column('uuid', { name: 'merged_into', nullable: true })
  mergedInto: string | null;
  /** Times of the last automatic acknowledgements to it; here, since the row is written after the decision anyway. */
  @Column('timestamptz', { array: true, default: '{}', name: 'acknowledged_at' })
  acknowledgedAt: Date[];
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}

/** An address on a channel; unique, and always of exactly one customer. */
@Entity({ name: 'identities' })
@Unique('identities_kind_value', ['kind', 'value'])
@Index('identities_customer', ['customerId'])
export class Identity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'identities_pkey' })
  id: string;
  @Column('text')
  kind: IdentityKind;
  @Column('text')
  value: string;
  @Column('uuid', { name: 'customer_id' })
  customerId: string;
  @Column('text', { name: 'display_name', nullable: true })
  displayName: string | null;
  @Column('boolean', { default: false })
  verified: boolean;
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

/** What was last learnt of writing to an identity on a channel: by far the most have no row. */
@Entity({ name: 'reachability' })
export class ReachabilityRecord {
  @PrimaryColumn('uuid', { name: 'identity_id', primaryKeyConstraintName: 'reachability_pkey' })
  identityId: string;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'reachability_pkey' })
  channel: Channel;
  @Column('text')
  state: ReachabilityState;
  @Column('timestamptz')
  at: Date;
}

@Entity({ name: 'organizations' })
@Unique('organizations_name', ['name'])
@Index('organizations_domains', { synchronize: false })
export class Organization {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organizations_pkey' })
  id: string;
  @Column('text')
  name: string;
  @Column('text', { nullable: true })
  type: string | null;
  @Column('text', { nullable: true })
  segment: string | null;
  @Column('text', { nullable: true })
  district: string | null;
  @Column('uuid', { name: 'account_manager_id', nullable: true })
  accountManagerId: string | null;
  /** Mail domains whose authors belong to it, lower case. */
  @Column('text', { array: true, default: '{}' })
  domains: string[];
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
