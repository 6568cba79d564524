import { Body, Controller, type DynamicModule, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, Max } from 'class-validator';
import { z } from 'zod';
import { loadSettings, serviceSettings } from '#env';
import { Health } from '#observability';
import { createService, Problem, ServiceModule } from './index.js';

class Answer {
  @IsInt()
  @Max(5)
  value: number;
}

@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: Answer) {
    return body;
  }
  @Get('gone')
  gone(): never {
    throw new Problem(410, 'gone', 'It was here', { detail: 'until yesterday', headers: { 'x-note': '1' } });
  }
  @Get('broken')
  broken(): never {
    throw new Error('secret internals');
  }
}

@Module({})
class AppModule {}

const settings = loadSettings(z.object(serviceSettings), { PORT: '0', LOG_LEVEL: 'silent' });
const module: DynamicModule = {
  module: AppModule,
  imports: [ServiceModule.forRoot({ name: 'things', settings })],
  controllers: [ThingsController],
};

describe('a service', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await createService({ name: 'things', settings, module });
    await app.init();
  });
  afterAll(() => app.close());

  const post = (payload: string, type = 'application/json') =>
    app.inject({ method: 'POST', url: '/things', payload, headers: { 'content-type': type } });

  it.each([
    ['a value that breaks a rule', '{"value":9}', 'application/json', 400, 'validation_failed'],
    ['an unknown field', '{"value":1,"role":"admin"}', 'application/json', 400, 'validation_failed'],
    ['a body that is no JSON', '{"value":', 'application/json', 400, 'invalid_json'],
    ['__proto__ in the body', '{"__proto__":{"x":1},"value":1}', 'application/json', 400, 'invalid_json'],
    ['an empty body', '', 'application/json', 400, 'invalid_json'],
    ['JSON nested 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000), 'application/json', 400, 'json_too_deep'],
    ['another content type', '<value>1</value>', 'application/xml', 415, 'unsupported_media_type'],
    ['a body that is too large', `{"value":${'1'.repeat(2_000_000)}}`, 'application/json', 413, 'body_too_large'],
  ])('answers %s with a problem', async (_, payload, type, status, code) => {
    const answer = await post(payload, type);
    expect({
      status: answer.statusCode,
      type: answer.headers['content-type'],
      code: answer.json<{ code: string }>().code,
    }).toEqual({ status, type: 'application/problem+json; charset=utf-8', code });
  });

  it('names the field that is wrong', async () => {
    const body = (await post('{"value":9}')).json<{ errors: unknown }>();
    expect(body.errors).toEqual([{ field: 'value', code: 'max', message: 'value must not be greater than 5' }]);
  });

  it('shows an expected error with its detail and headers', async () => {
    const answer = await app.inject('/things/gone');
    expect(answer.headers['x-note']).toBe('1');
    expect(answer.json()).toEqual({
      type: 'urn:phanhoi:problem:gone',
      title: 'It was here',
      status: 410,
      code: 'gone',
      detail: 'until yesterday',
    });
  });

  it('never shows internals', async () => {
    const answer = await app.inject('/things/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json<{ code: string }>().code).toBe('internal_error');
  });

  it('answers an unknown address with a problem', async () => {
    expect((await app.inject('/nowhere')).json<{ code: string }>().code).toBe('not_found');
  });

  it('keeps the caller’s correlation id, and replaces one that could break a log', async () => {
    const correlated = async (id: string) =>
      (await app.inject({ url: '/nowhere', headers: { 'x-correlation-id': id } })).headers['x-correlation-id'];
    expect(await correlated('abc-1')).toBe('abc-1');
    expect(await correlated('a b"c')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('documents itself', async () => {
    const document = (await app.inject('/openapi.json')).json<{ paths: object }>();
    expect(Object.keys(document.paths)).toEqual(['/things', '/things/gone', '/things/broken']);
    expect((await app.inject('/docs')).statusCode).toBe(200);
  });

  it('shows health and metrics', async () => {
    const health = app.get(Health);
    health.addCheck('database', async () => false);
    health.addCheck('broker', async () => true);
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    health.readyWhen((checks) => checks.database === true || checks.broker === true);
    expect((await app.inject('/health/ready')).json()).toEqual({
      status: 'ok',
      checks: { database: false, broker: true },
    });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await app.inject('/metrics')).body).toContain('phanhoi_http_request_seconds');
    health.beginShutdown();
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
  });
});
