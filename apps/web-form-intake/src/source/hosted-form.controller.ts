import { randomUUID } from 'node:crypto';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { formReference } from '#contracts';
import { Public } from '#auth';
import { clientAddress } from '#http';
import { httpStatus, type IntakeOutcome } from '#intake';
import { FeedbackIntake } from '../feedback.intake.js';
import type { Form } from '../normalize/form.js';
import { FormBodies } from './form-bodies.js';
import { FormDirectory } from './form-directory.js';
import { type FormPage, formPage } from './page/form-page.js';
import { securityHeaders } from './page/layout.js';
import { chooseLanguage, pageLanguages } from './page/page-texts.js';
import { notFoundPage, thanksPage } from './page/plain-pages.js';
import { type Widget, widgetOf } from './page/widget.js';

/** The hosted pages and the script for other people's pages. */
@ApiTags('pages')
@Controller()
export class HostedFormController {
  private readonly widgets = new Map<string, Widget>();

  constructor(
    private readonly feedback: FeedbackIntake,
    private readonly bodies: FormBodies,
    private readonly forms: FormDirectory,
  ) {}

  @Public()
  @Get('forms/:form')
  @ApiOperation({ summary: 'The form as a page, in the language of `?lang` or of the browser' })
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const found = this.find(request);
    if (found.form === undefined) return sendPage(reply, 404, notFoundPage(found.language), []);
    this.render(reply, 200, { form: found.form, language: found.language });
  }

  @Public()
  @Post('forms/:form')
  @ApiOperation({ summary: 'The same page after sending: thanks with the reference, or the form with what is wrong' })
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { form, language } = this.find(request);
    if (form === undefined) return sendPage(reply, 404, notFoundPage(language), []);
    const { body, staged, texts } = this.bodies.of(request, ['multipart', 'urlencoded']);
    const outcome = await this.feedback.receive({
      body,
      staged,
      formId: form.id,
      client: clientAddress(request),
      pageLanguage: language,
      keyInBody: true,
      receivedVia: 'push',
    });
    const values = new Map(texts());
    switch (outcome.kind) {
      case 'accepted':
      case 'quarantined': {
        const id = outcome.kind === 'accepted' ? outcome.eventId : outcome.deadLetterId;
        return sendPage(reply, 200, thanksPage(form, language, formReference(id)), form.origins);
      }
      case 'busy':
        void reply.header('retry-after', String(outcome.retryAfterSeconds));
        return this.render(reply, httpStatus(outcome), { form, language, values, problem: 'busy' });
      case 'refused':
        return this.refuse(reply, outcome, { form, language, values });
    }
  }

  @Public()
  @Get('widget.js')
  @ApiOperation({ summary: 'Script that embeds the form of `?form` in a page of one of its origins' })
  widget(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const form = this.formOf(queryOf(request, 'form')) ?? this.forms.default;
    let widget = this.widgets.get(form.id);
    if (widget === undefined) this.widgets.set(form.id, (widget = widgetOf(form)));
    void reply
      .header('etag', widget.etag)
      .header('cache-control', 'public, max-age=300')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('x-content-type-options', 'nosniff')
      .type('text/javascript; charset=utf-8');
    if (request.headers['if-none-match'] === widget.etag) void reply.status(304).send();
    else void reply.send(widget.text);
  }

  private refuse(
    reply: FastifyReply,
    outcome: Extract<IntakeOutcome, { kind: 'refused' }>,
    page: Pick<FormPage, 'form' | 'language' | 'values'>,
  ): void {
    const { code, errors, retryAfterSeconds } = outcome.refusal;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    const isByField = errors !== undefined && code !== 'idempotency_key_reused';
    this.render(reply, httpStatus(outcome), { ...page, problem: code, ...(isByField ? { errors } : {}) });
  }

  /** A fresh key each time: what was refused was not kept, and what was kept is not shown again. */
  private render(reply: FastifyReply, status: number, page: Omit<FormPage, 'idempotencyKey' | 'files'>): void {
    // After "busy" the first attempt may have reached the log all the same, so its key stays.
    const sent = page.problem === 'busy' ? page.values?.get('idempotency_key') : undefined;
    const text = formPage({ ...page, idempotencyKey: sent ?? randomUUID(), files: this.bodies.limits });
    sendPage(reply, status, text, page.form.origins);
  }

  private find(request: FastifyRequest): { form: Form | undefined; language: string } {
    const form = this.formOf((request.params as { form?: string }).form);
    const offered = form?.languages ?? pageLanguages;
    return { form, language: chooseLanguage(offered, queryOf(request, 'lang'), request.headers['accept-language']) };
  }

  private formOf(id: string | undefined): Form | undefined {
    return id === undefined ? undefined : this.forms.byId.get(id);
  }
}

function queryOf(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

function sendPage(reply: FastifyReply, status: number, text: string, frameAncestors: readonly string[]): void {
  void reply.status(status).headers(securityHeaders(frameAncestors)).type('text/html; charset=utf-8').send(text);
}
