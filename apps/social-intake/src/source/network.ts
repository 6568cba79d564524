import type { IncomingHttpHeaders } from 'node:http';
import type { ChannelAccount } from '#env';
import type { AccessTokens, Prepared, TokenChain } from '#intake';
import type { JsonObject } from '../normalize/json.js';
import type { FileReference, Reading } from '../normalize/reading.js';
import type { Answer } from './answer.js';

/** A webhook as it came: signatures are made over these bytes. */
export interface SignedRequest {
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** `probe`: a network looks whether somebody is there; it is told yes, and nothing is kept. */
export type Verdict = 'genuine' | 'probe' | 'forged';

interface FileLocation {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Media {
  /** Names that files of this network may come from. */
  readonly hosts: readonly string[];
  /** An origin from our configuration, where the network's API is reached. */
  readonly trustedOrigins: readonly string[];
  /** How long an answer may wait for the files of a message. */
  readonly patienceMs: number;
  locate(file: FileReference, signal: AbortSignal): Promise<FileLocation>;
}

/** One network, for one of our accounts on it. All that is particular to a network is behind this. */
export interface Network {
  readonly name: string;
  /** Equal for accounts that one app of the provider serves, whose webhooks hence bear the same signature. Never shown. */
  readonly signer: string;
  verify(request: SignedRequest): Verdict;
  /** What a network that asks for it is answered when the address is registered; undefined: no. */
  challenge?(query: Readonly<Record<string, unknown>>): string | undefined;
  /** Webhooks of the same form with one event each: what is broken in a batch is kept alone. Never empty. */
  split(payload: JsonObject): readonly JsonObject[];
  /** Pure. Of one part; throws for nothing that a part may hold. */
  normalize(part: JsonObject): Reading;
  /** Of networks that number what they send without gaps. */
  sequenceOf?(payload: JsonObject): number | undefined;
  readonly media: Media;
  /** Of networks that do not say whom an answer below a comment is for. Rejects with ApiCallError. */
  authorOf?(commentId: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Makes an answer ready, or refuses it: beyond the network's limits, or after its time for answers (`window_closed`). What is
   * ready leaves as one message or not at all; `send` says exactly what became of it.
   */
  prepare(answer: Answer): Prepared | Promise<Prepared>;
  /**
   * Of networks that can be asked what there was since then: each message as the webhook that would have told it. Rejects with ListError, e.g.
   * while a network that has no list has still something to deliver.
   */
  missed?(since: Date, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Now and then: what must be done in time for answers to leave later. */
  keep?(): Promise<void>;
}

/** What a network may need beside its account. */
export interface NetworkParts {
  readonly accessTokens: (chain: TokenChain) => AccessTokens;
}

/** @throws SettingsError when credentials or options of the account are wrong. */
export type NetworkOf = (account: ChannelAccount, parts: NetworkParts) => Network;
