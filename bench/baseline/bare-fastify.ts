// The ceiling of the web form: a bare Fastify route with a compiled schema that answers and stores nothing.
import { randomUUID } from 'node:crypto';
import { fastify } from 'fastify';

const app = fastify();
app.post(
  '/api/v1/feedback',
  {
    schema: {
      body: {
        type: 'object',
        required: ['message'],
        properties: {
          name: { type: 'string', maxLength: 200 },
          email: { type: 'string', maxLength: 320 },
          phone: { type: 'string', maxLength: 40 },
          subject: { type: 'string', maxLength: 300 },
          message: { type: 'string', minLength: 1, maxLength: 20_000 },
        },
      },
      response: { 202: { type: 'object', properties: { id: { type: 'string' } } } },
    },
  },
  async (_request, reply) => reply.status(202).send({ id: randomUUID() }),
);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
