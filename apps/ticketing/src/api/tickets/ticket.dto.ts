import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  callDirections,
  callOutcomes,
  type DeliveryState,
  deliveryStates,
  type FeedbackKind,
  feedbackKinds,
  identityKinds,
} from '#contracts';
import { AnswerWayDto } from './answer-way.dto.js';
import { NamedDto, TicketItemDto } from './ticket-list.dto.js';

export class IdentityDto {
  @ApiProperty({ enum: identityKinds })
  kind: string;
  @ApiProperty()
  value: string;
}

export class AttachmentDto {
  @ApiProperty({ description: 'Fetch the bytes at /api/v1/attachments/{sha256}' })
  sha256: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ description: 'As the sender states it' })
  mediaType: string;
  @ApiPropertyOptional({ description: 'As the bytes show it' })
  detectedType?: string;
  @ApiProperty()
  bytes: number;
  @ApiProperty()
  inline: boolean;
  @ApiPropertyOptional()
  contentId?: string;
  @ApiProperty({ enum: ['not_scanned'], description: 'No scanner is configured' })
  scan: 'not_scanned';
}

export class AuthorDto {
  @ApiPropertyOptional()
  name?: string;
  @ApiPropertyOptional({ type: IdentityDto })
  identity?: IdentityDto;
  @ApiProperty({ description: 'Whether the provider or the mail system vouches for the address' })
  verified: boolean;
  @ApiProperty({ description: 'Joined a conversation that was not his: check before you tell him more' })
  newParticipant: boolean;
  @ApiPropertyOptional({ type: NamedDto, description: 'For outbound messages by people' })
  agent?: NamedDto;
}

export class DeliveryErrorDto {
  @ApiProperty({ description: 'Word of the registry of delivery errors' })
  code: string;
  @ApiPropertyOptional()
  detail?: string;
}

export class DeliveryDto {
  @ApiProperty({ enum: deliveryStates })
  state: DeliveryState;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty()
  attempt: number;
  @ApiPropertyOptional({ type: DeliveryErrorDto })
  error?: DeliveryErrorDto;
}

class CopyDto {
  @ApiProperty({ format: 'uuid' })
  eventId: string;
  @ApiProperty()
  account: string;
}

export class CallDto {
  @ApiProperty({ enum: callDirections })
  direction: string;
  @ApiPropertyOptional({ description: 'Absent for a withheld number' })
  from?: string;
  @ApiProperty()
  to: string;
  @ApiProperty({ format: 'date-time' })
  startedAt: string;
  @ApiPropertyOptional({ format: 'date-time' })
  answeredAt?: string;
  @ApiProperty()
  durationSeconds: number;
  @ApiProperty({ enum: callOutcomes })
  outcome: string;
  @ApiPropertyOptional()
  agent?: string;
  @ApiPropertyOptional()
  recordingRef?: string;
}

export class MessageDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The feedback event it came with; absent for our own answers' })
  eventId?: string;
  @ApiProperty({ enum: ['inbound', 'outbound'] })
  direction: 'inbound' | 'outbound';
  @ApiProperty({ enum: feedbackKinds })
  kind: FeedbackKind;
  @ApiProperty({ description: 'Written by a machine, ours or the customer’s' })
  automatic: boolean;
  @ApiProperty()
  channel: string;
  @ApiProperty()
  account: string;
  @ApiProperty({ type: AuthorDto })
  author: AuthorDto;
  @ApiPropertyOptional({ type: [IdentityDto] })
  recipients?: IdentityDto[];
  @ApiPropertyOptional()
  subject?: string;
  @ApiProperty()
  text: string;
  @ApiPropertyOptional({ description: 'Sanitized' })
  html?: string;
  @ApiPropertyOptional({ description: 'Quoted history and signature that were cut off' })
  quoted?: string;
  @ApiPropertyOptional()
  language?: string;
  @ApiProperty({ format: 'date-time', description: 'When it occurred' })
  at: string;
  @ApiProperty({ format: 'date-time' })
  receivedAt: string;
  @ApiPropertyOptional()
  providerMessageId?: string;
  @ApiProperty({ type: [AttachmentDto] })
  attachments: AttachmentDto[];
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: "A form's own fields" })
  fields?: Record<string, string | number | boolean>;
  @ApiPropertyOptional({ type: CallDto })
  call?: CallDto;
  @ApiProperty({ type: [String], description: 'For example truncated, time_clamped, erased' })
  flags: string[];
  @ApiPropertyOptional({ type: [CopyDto], description: 'The same mail as it came to other mailboxes of ours' })
  copies?: CopyDto[];
  @ApiPropertyOptional({ format: 'date-time' })
  editedAt?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  deletedAt?: string;
  @ApiPropertyOptional({ description: 'Why we sent it: agent, auto_acknowledgement' })
  reason?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The reply that this one sends again' })
  repeats?: string;
  @ApiPropertyOptional({ type: DeliveryDto, description: 'For outbound messages: what became of it' })
  delivery?: DeliveryDto;
}

export class MessageListDto {
  @ApiProperty({ type: [MessageDto], description: 'In order of time; the pages go back in time' })
  items: MessageDto[];
  @ApiPropertyOptional()
  nextCursor?: string;
}

export class NoteDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ type: NamedDto })
  agent: NamedDto;
  @ApiProperty()
  text: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
}

class ActorDto {
  @ApiProperty({ enum: ['customer', 'agent', 'rule', 'system'] })
  kind: string;
  @ApiPropertyOptional()
  id?: string;
  @ApiPropertyOptional()
  name?: string;
}

export class TimelineEntryDto {
  @ApiProperty({ description: '1, 2, 3… without gaps' })
  sequence: number;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({ description: 'Type of the fact, as on ticket.changed.v1' })
  type: string;
  @ApiProperty({ type: ActorDto })
  actor: ActorDto;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What this type of fact carries' })
  details: Record<string, unknown>;
}

export class SuggestionDto {
  @ApiProperty()
  number: string;
  @ApiPropertyOptional()
  subject?: string;
  @ApiProperty()
  status: string;
  @ApiProperty({ enum: ['related', 'late_parent'] })
  reason: string;
}

export class TicketDto extends TicketItemDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'Also the ETag' })
  sequence: number;
  @ApiPropertyOptional({ type: NamedDto })
  organization?: NamedDto;
  @ApiPropertyOptional()
  segment?: string;
  @ApiPropertyOptional()
  language?: string;
  @ApiPropertyOptional({ description: 'Number of the closed ticket that this one follows' })
  followUpOf?: string;
  @ApiPropertyOptional({ type: AnswerWayDto, description: 'Absent for closed tickets' })
  answer?: AnswerWayDto;
  @ApiProperty({ type: [IdentityDto], description: 'Everybody in From, To and Cc' })
  participants: IdentityDto[];
  @ApiProperty({ type: [MessageDto], description: 'The newest 200, in order of time' })
  messages: MessageDto[];
  @ApiPropertyOptional({ description: 'Cursor for /messages when there are earlier ones' })
  earlierMessages?: string;
  @ApiProperty({ type: [NoteDto] })
  notes: NoteDto[];
  @ApiProperty({ type: [TimelineEntryDto] })
  timeline: TimelineEntryDto[];
  @ApiProperty({ type: [SuggestionDto], description: 'Tickets that look related' })
  suggestions: SuggestionDto[];
}
