import { apps, topicDefinitions, topics } from '#contracts';

const cloudEventHeaders = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'content-type'],
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: { type: 'string' },
    ce_type: { type: 'string' },
    ce_source: { type: 'string' },
    ce_time: { type: 'string', format: 'date-time' },
    ce_subject: { type: 'string' },
    ce_partitionkey: { type: 'string' },
    'content-type': { type: 'string' },
    traceparent: { type: 'string' },
  },
};

function typeOfTopic(name: string): string {
  if (name.startsWith('reply.requested.v1.')) return 'reply.requested.v1';
  if (name.startsWith('dead.')) return 'dead.letter.v1';
  if (name.startsWith('intake.replay.v1.')) return 'intake.replay.v1';
  return name;
}

function message(type: string): object {
  const opaque = type === topics.feedbackRaw;
  return {
    name: type,
    contentType: opaque ? 'application/octet-stream' : 'application/json',
    headers: cloudEventHeaders,
    payload: opaque
      ? { description: 'The original, byte for byte; content-type says what it is.' }
      : { $ref: `./${type}.schema.json` },
  };
}

/** The AsyncAPI 3 description of the log: topics, what lies on them, how they are kept. */
export function asyncApi(): object {
  const definitions = topicDefinitions(apps);
  const types = [...new Set(definitions.map((definition) => typeOfTopic(definition.name)))];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Phản Hồi: the log',
      version: '1.0.0',
      description: 'CloudEvents 1.0, Kafka protocol binding, binary mode. Readers accept unknown registry members.',
    },
    channels: Object.fromEntries(
      definitions.map(({ name, partitions, config }) => [
        name,
        {
          address: name,
          messages: { [typeOfTopic(name)]: { $ref: `#/components/messages/${typeOfTopic(name)}` } },
          bindings: { kafka: { topic: name, partitions, 'x-configuration': config, bindingVersion: '0.5.0' } },
        },
      ]),
    ),
    components: { messages: Object.fromEntries(types.map((type) => [type, message(type)])) },
  };
}
