import { Account, ApiSecret, LoginThrottleCounter, RefreshToken, SigningKeyRecord } from './account.entity.js';
import { Customer, Identity, Organization, ReachabilityRecord } from './customer.entity.js';
import { AuditEntry, Note, ResponseRecord, TimelineEntry } from './history.entity.js';
import { Message } from './message.entity.js';
import { Agent, Category, Team, TeamMember } from './staff.entity.js';
import { Conversation, MailReference, Suggestion } from './thread.entity.js';
import { Ticket } from './ticket.entity.js';
import {
  AcknowledgementBrake,
  ErasedEvent,
  IdempotencyKey,
  MessageSearch,
  PendingEdit,
  SearchBacklog,
  TicketSearch,
} from './upkeep.entity.js';
import { Upload } from './upload.entity.js';

export const entities = [
  Ticket,
  Message,
  Customer,
  Identity,
  ReachabilityRecord,
  Organization,
  Conversation,
  MailReference,
  Suggestion,
  TimelineEntry,
  Note,
  ResponseRecord,
  AuditEntry,
  Team,
  Agent,
  TeamMember,
  Category,
  SearchBacklog,
  MessageSearch,
  TicketSearch,
  AcknowledgementBrake,
  ErasedEvent,
  PendingEdit,
  IdempotencyKey,
  Account,
  RefreshToken,
  SigningKeyRecord,
  ApiSecret,
  LoginThrottleCounter,
  Upload,
];
