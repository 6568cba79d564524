import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#auth';
import { MailboxRepository, type MailboxReport } from '../store/mailbox.repository.js';

/** For operators inside the cluster; the service has no public route. It shows no addresses, subjects or secrets. */
@ApiTags('mailboxes')
@Controller('api/v1/mailboxes')
export class MailboxesController {
  constructor(@Inject(MailboxRepository) private readonly mailboxes: MailboxRepository) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'State of every mailbox folder: last UID, lag, last error' })
  @ApiOkResponse({ description: 'Folders of all configured mailboxes' })
  async list(): Promise<{ items: MailboxReport[] }> {
    return { items: await this.mailboxes.listReports() };
  }
}
