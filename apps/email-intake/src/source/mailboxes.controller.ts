import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { SenderDomains } from '../outbound/sender-domains.js';
import { MailboxRepository, type MailboxReport } from '../store/mailbox.repository.js';

/** For operators inside the cluster; the service has no public route. It shows no addresses, subjects or secrets. */
@ApiTags('mailboxes')
@ApiBearerAuth()
@Controller('api/v1/mailboxes')
export class MailboxesController {
  constructor(
    @Inject(MailboxRepository) private readonly mailboxes: MailboxRepository,
    @Inject(SenderDomains) private readonly domains: SenderDomains,
  ) {}

  @Get()
  @Roles('supervisor', 'admin')
  @ApiOperation({
    summary: 'State of every mailbox folder (last UID, lag, last error), and what the zones of our sender domains say',
  })
  @ApiOkResponse({ description: 'Folders of all configured mailboxes' })
  async list() {
    const items: MailboxReport[] = await this.mailboxes.listReports();
    return { items, senderDomains: this.domains.list() };
  }
}
