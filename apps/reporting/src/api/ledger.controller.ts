import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { settleLedger } from '../domain/ledger.js';
import { LedgerRepository } from '../store/ledger.repository.js';
import { type Query as Parameters, QueryReader, readRange } from './query-reader.js';

const time = 'a date (the start of that day, UTC) or an RFC 3339 instant; minutes count as a whole';

@ApiTags('ledger')
@ApiBearerAuth()
@Roles('analyst', 'supervisor', 'admin')
@Controller('api/v1')
export class LedgerController {
  constructor(private readonly ledger: LedgerRepository) {}

  @Get('ledger')
  @ApiOperation({ summary: 'What came in against what went where, by source' })
  @ApiQuery({ name: 'from', required: true, type: String, description: `inclusive: ${time}` })
  @ApiQuery({ name: 'to', required: true, type: String, description: `exclusive: ${time}` })
  @ApiQuery({ name: 'source', required: false, type: String, description: 'one source alone: `<channel>:<account>`' })
  async show(@Query() query: Parameters) {
    const reader = new QueryReader(query);
    const range = readRange(reader, 'UTC');
    const source = reader.one('source') ?? null;
    if (source !== null && source.length > 141)
      reader.refuse('source', 'too_long', 'source has at most 141 characters');
    reader.refuseUnknown();
    reader.finish();
    const [from, to] = [new Date(range.from), new Date(range.to)];
    const [sums, cutOffs] = await Promise.all([
      this.ledger.sums(from, to, source),
      this.ledger.cutOffs(from, to, source),
    ]);
    return { from: from.toISOString(), to: to.toISOString(), ...settleLedger(sums, cutOffs) };
  }
}
