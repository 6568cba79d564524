import { Injectable } from '@nestjs/common';
import type { AgentRow, CategoryRow, NameListQuestion, TeamRow } from '../../store/staff.repository.js';
import { Cursors } from '../cursors.js';
import { pageOf } from '../list.dto.js';
import { present } from '../tickets/ticket-view.js';
import type { AgentDto, CategoryDto, StaffListQuery, TeamDto } from './staff.dto.js';

/** Lists in order of one unique text column. */
@Injectable()
export class StaffList {
  constructor(private readonly cursors: Cursors) {}

  async page<Row, Item>(
    list: string,
    { cursor, limit, active }: StaffListQuery,
    read: (question: NameListQuestion) => Promise<Row[]>,
    to: { item: (row: Row) => Item; key: (row: Row) => string },
  ): Promise<{ items: Item[]; nextCursor?: string }> {
    const question = { list, active };
    const codec = await this.cursors.codec();
    const [after] = cursor === undefined ? [] : codec.decode(question, cursor);
    const rows = await read({ after, active, limit: limit + 1 });
    return pageOf(rows, limit, { item: to.item, cursor: (last) => codec.encode(question, [to.key(last)]) });
  }
}

export function teamView({ createdAt, ...team }: TeamRow): TeamDto {
  return { ...team, createdAt: createdAt.toISOString() };
}

export function agentView({ createdAt, role, ...agent }: AgentRow): AgentDto {
  return { ...agent, createdAt: createdAt.toISOString(), ...present({ role }) };
}

export function categoryView({ createdAt, parentId, ...category }: CategoryRow): CategoryDto {
  return { ...category, createdAt: createdAt.toISOString(), ...present({ parent: parentId }) };
}
