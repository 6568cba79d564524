import { Kafka, logLevel } from 'kafkajs';
import { type App, topicDefinitions } from '#contracts';

/** Makes the topics that the apps need and that are not there yet. One broker: one replica. */
export async function createTopics(brokers: readonly string[], apps: readonly App[]): Promise<void> {
  const kafka = new Kafka({ clientId: 'topics', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topicDefinitions(apps).filter(({ name }) => !existing.has(name));
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
  } finally {
    await admin.disconnect();
  }
}
