import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Problem } from '#http';
import { Database } from '#postgres';
import { linkCustomer } from '../../domain/commands.js';
import type { TicketWork } from '../../domain/ticket-work.js';
import { AuditRepository } from '../../store/audit.repository.js';
import { CustomerRepository, type CustomerRow } from '../../store/customer.repository.js';
import { CustomerUnit } from '../../store/customer-unit.js';
import { OrganizationRepository } from '../../store/organization.repository.js';
import { actorOf } from '../tickets/ticket.commands.js';
import type { CustomerChangeDto, NewCustomerDto } from './customer.dto.js';

const customerUnknown = () => new Problem(404, 'customer_unknown', 'There is no such customer');

interface Link {
  readonly customerId: string;
  readonly organizationId: string | null;
  readonly segment: string | null;
}

function relink(work: TicketWork, user: Principal, to: Link): void {
  for (const change of work.all()) {
    // A merged ticket that came along under lock belongs to the one that stands for it.
    if (change.ticket.mergedInto === null) linkCustomer(change, work, actorOf(user), to);
  }
}

/** Changes of customers; their tickets follow, with a fact each, so that reports move them too. */
@Injectable()
export class CustomerService {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerRepository,
    private readonly unit: CustomerUnit,
    private readonly organizations: OrganizationRepository,
    private readonly audit: AuditRepository,
  ) {}

  async find(id: string): Promise<CustomerRow> {
    const customer = await this.customers.find(id);
    if (customer === undefined) throw customerUnknown();
    return customer;
  }

  async add(user: Principal, body: NewCustomerDto): Promise<CustomerRow> {
    const { name, organization = null, language = null, identities = [] } = body;
    await this.segmentOf(organization);
    const id = await this.database.transaction(async (tx) => {
      const made = await this.customers.insert(tx, { name, organizationId: organization, language, identities });
      const detail = { fields: Object.keys(body) };
      await this.audit.append(tx, {
        actorId: user.accountId,
        action: 'customer_created',
        subject: `customer:${made}`,
        detail,
      });
      return made;
    });
    return this.find(id);
  }

  /** A new organization goes to the tickets that are not closed; closed ones keep the organization of their time. */
  async change(user: Principal, id: string, body: CustomerChangeDto): Promise<CustomerRow> {
    const known = await this.find(id);
    const { name = known.name, language = known.language, organization = known.organizationId } = body;
    const segment = await this.segmentOf(organization);
    const moves = organization !== known.organizationId;
    await this.unit.change([id], 'unclosed', async ({ tx, customers, work }) => {
      if (!customers.has(id)) throw new Problem(409, 'customer_merged', 'The customer was merged into another');
      await this.customers.update(tx, id, { name, language, organizationId: organization });
      if (moves) relink(work, user, { customerId: id, organizationId: organization, segment });
      const detail = { fields: Object.keys(body) };
      await this.audit.append(tx, {
        actorId: user.accountId,
        action: 'customer_changed',
        subject: `customer:${id}`,
        detail,
      });
    });
    return this.find(id);
  }

  /** Identities and tickets of the one go to the other; both histories are one from now on. Repeating it changes nothing. */
  async merge(user: Principal, id: string, into: string): Promise<CustomerRow> {
    if (id === into) throw new Problem(422, 'same_customer', 'A customer cannot be merged into itself');
    const [source, target] = await Promise.all([this.find(id), this.find(into)]);
    if (source.mergedInto === into) return target;
    const organizationId = target.organizationId ?? source.organizationId;
    const segment = await this.segmentOf(organizationId);
    await this.unit.change([id, into], 'all', async ({ tx, customers, work }) => {
      if (!customers.has(id) || !customers.has(into)) {
        throw new Problem(409, 'customer_merged', 'One of the customers was merged into another');
      }
      await this.customers.mergeInto(tx, id, into);
      relink(work, user, { customerId: into, organizationId, segment });
      const detail = { into };
      await this.audit.append(tx, {
        actorId: user.accountId,
        action: 'customers_merged',
        subject: `customer:${id}`,
        detail,
      });
    });
    return this.find(into);
  }

  private async segmentOf(organizationId: string | null): Promise<string | null> {
    if (organizationId === null) return null;
    const organization = await this.organizations.find(organizationId);
    if (organization !== undefined) return organization.segment;
    throw new Problem(422, 'organization_unknown', 'There is no such organization', {
      errors: [{ field: 'organization', code: 'unknown', message: 'does not exist' }],
    });
  }
}
