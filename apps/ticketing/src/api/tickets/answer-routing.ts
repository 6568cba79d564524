import { Inject, Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Problem } from '#http';
import type { Transaction } from '#postgres';
import { type AnswerRoute, chooseRoute, type RouteRefusal } from '../../domain/answer-route.js';
import { type AnsweredTicket, AnswerRepository } from '../../store/answer.repository.js';
import { answerRules } from '../answer-settings.js';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

interface Routed extends AnsweredTicket {
  readonly channel: Channel;
  readonly account: string;
}

const titles: Readonly<Record<RouteRefusal['reason'], string>> = {
  no_address: 'The customer left no address to answer to',
  window_closed: 'The network takes no answers to this customer any more',
  opted_out: 'The customer does not want to be written to',
  unreachable: 'The customer could not be reached',
};

/** By which channel an answer to a ticket leaves. */
@Injectable()
export class AnswerRouting {
  constructor(
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
    private readonly answers: AnswerRepository,
  ) {}

  /** As it would be now. */
  async look(ticket: Routed): Promise<AnswerRoute | RouteRefusal> {
    return this.choose(ticket, {});
  }

  /** @throws Problem 422 with what was tried. */
  async decide(tx: Transaction, ticket: Routed, named: Channel | undefined): Promise<AnswerRoute> {
    const route = await this.choose(ticket, { tx, named });
    if (route.kind === 'route') return route;
    throw new Problem(422, route.reason, titles[route.reason], {
      errors: route.tried.map(({ channel, reason }) => ({ field: 'channel', code: reason, message: channel })),
    });
  }

  private async choose(
    ticket: Routed,
    { tx, named }: { readonly tx?: Transaction; readonly named?: Channel | undefined },
  ): Promise<AnswerRoute | RouteRefusal> {
    const ground = await this.answers.ground(ticket, tx);
    return chooseRoute({ ticket, ground, rules: answerRules(this.settings), now: new Date(), named });
  }
}
