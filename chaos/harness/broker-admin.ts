import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs';

/** Does to topics what an operator may do by mistake. */
export async function administer<Result>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new Kafka({ clientId: 'chaos-admin', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Replaces the settings of a topic; those that are not named fall back to the broker's. */
export async function configureTopic(
  brokers: readonly string[],
  topic: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await administer(brokers, (admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
}

/** The offset from which a group reads on in a partition; 0 while it has committed none. */
export async function committedOffset(
  brokers: readonly string[],
  groupId: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Promise<number> {
  const [found] = await administer(brokers, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const offset = Number(found?.partitions.find((one) => one.partition === partition)?.offset ?? 0);
  return Math.max(0, offset);
}

/** The offset that the next record of a partition will get. */
export async function nextOffset(brokers: readonly string[], topic: string, partition: number): Promise<number> {
  const offsets = await administer(brokers, (admin) => admin.fetchTopicOffsets(topic));
  return Number(offsets.find((one) => one.partition === partition)?.high ?? 0);
}
