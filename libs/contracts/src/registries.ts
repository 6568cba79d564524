/** The closed vocabularies of the product. Readers accept unknown members; writers use only these. */
export const channels = [
  'email',
  'sms',
  'phone',
  'web_form',
  'messenger',
  'facebook_comment',
  'instagram',
  'whatsapp',
  'zalo',
  'telegram',
  'line',
] as const;
export type Channel = (typeof channels)[number];

export const feedbackKinds = [
  'message',
  'call',
  'comment',
  'rating',
  'edit',
  'deletion',
  'echo',
  'erase_request',
] as const;
export type FeedbackKind = (typeof feedbackKinds)[number];

export const receivedVias = ['push', 'poll', 'import', 'api', 'replay', 'backfill'] as const;
export type ReceivedVia = (typeof receivedVias)[number];

export const identityKinds = ['email', 'phone', 'handle'] as const;
export type IdentityKind = (typeof identityKinds)[number];

export const autoReplies = ['none', 'auto_reply', 'out_of_office', 'bounce', 'list', 'loop'] as const;
export type AutoReply = (typeof autoReplies)[number];

export const ticketStatuses = ['new', 'open', 'pending', 'on_hold', 'resolved', 'closed'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

export const ticketPriorities = ['low', 'normal', 'high', 'urgent'] as const;
export type TicketPriority = (typeof ticketPriorities)[number];

export const roles = ['agent', 'supervisor', 'analyst', 'admin'] as const;
export type Role = (typeof roles)[number];

export const actorKinds = ['customer', 'agent', 'rule', 'system'] as const;
export type ActorKind = (typeof actorKinds)[number];

export const factTypes = [
  'opened',
  'message_added',
  'note_added',
  'tags_changed',
  'customer_linked',
  'assigned',
  'priority_changed',
  'category_changed',
  'status_changed',
  'responded',
  'response_retracted',
  'reply_requested',
  'reply_state_changed',
  'resolved',
  'reopened',
  'closed',
  'merged',
  'erased',
] as const;
export type FactType = (typeof factTypes)[number];

export const responseClocks = ['first', 'next'] as const;
export type ResponseClock = (typeof responseClocks)[number];

export const deliveryStates = ['requested', 'sending', 'sent', 'delivered', 'read', 'failed', 'uncertain'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export const replyReasons = ['agent', 'auto_acknowledgement'] as const;
export type ReplyReason = (typeof replyReasons)[number];

/** Why a delivery failed or is unknown. `permanent` beside it says whether a retry can help. */
export const deliveryErrorCodes = [
  'connection_refused',
  'authentication_failed',
  'tls_required',
  'temporarily_rejected',
  'recipient_rejected',
  'message_rejected',
  'message_too_large',
  'bounced',
  'no_answer',
  'claim_expired',
  'account_unknown',
  'recipient_opted_out',
  'recipient_unreachable',
  'too_many_requests',
  'window_closed',
  'reauthorization_needed',
] as const;
export type DeliveryErrorCode = (typeof deliveryErrorCodes)[number];

/** Why an answer leaves by another channel than the one that the customer used last. */
export const fallbackReasons = ['no_way_back', 'window_closed', 'opted_out', 'unreachable'] as const;
export type FallbackReason = (typeof fallbackReasons)[number];

/** Why an event went to quarantine. */
export const deadLetterReasons = [
  'not_json',
  'schema_violation',
  'unknown_version',
  'missing_headers',
  'null_value',
  'invalid_text',
  'refused_by_database',
  'gap',
  'unknown_failure',
  'message_too_large',
  'unparseable',
  'too_many_parts',
  'too_deeply_nested',
  'too_many_recipients',
  'header_too_large',
  'parse_timeout',
  'size_mismatch',
  'unknown_account',
  'unknown_event',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** Why an event has no effect, and rightly so. */
export const dropReasons = [
  'duplicate',
  'erased',
  'stale_sequence',
  'unknown_kind',
  'unknown_ticket',
  'late_state',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Why a whole batch starts again. */
export const retryReasons = ['ticket_moved', 'database_busy', 'dead_letter_unwritten', 'store_unavailable'] as const;
export type RetryReason = (typeof retryReasons)[number];

/**
 * How a window of an intake that was cut off by a kill is settled. sender: who got no answer sends again, and what was answered is durable;
 * cursor: reading goes on where the last acknowledged input lies; list: the provider is asked what it has.
 */
export const settlements = ['sender', 'cursor', 'list'] as const;
export type Settlement = (typeof settlements)[number];

export const resolutions = ['replayed', 'discarded'] as const;
export type Resolution = (typeof resolutions)[number];

export const callDirections = ['inbound', 'outbound'] as const;
export type CallDirection = (typeof callDirections)[number];

export const callOutcomes = ['answered', 'missed', 'busy', 'failed', 'voicemail'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

export const apps = [
  'email-intake',
  'phone-intake',
  'web-form-intake',
  'social-intake',
  'ticketing',
  'reporting',
] as const;
export type App = (typeof apps)[number];
