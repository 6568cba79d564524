import type { Addresses } from './addresses.js';
import { type Mailbox, startGreenMail } from './green-mail.js';
import type { Home } from './home.js';
import { startKafka } from './kafka.js';
import type { Startable } from './kept-alive.js';
import { startPostgres } from './postgres.js';

export interface InfrastructureOptions {
  readonly home: Home;
  readonly addresses: Addresses;
  /** Of the superuser. */
  readonly password: string;
  readonly mailboxes: readonly Mailbox[];
  /** Whether Kafka runs elsewhere: then neither it nor the mail server is started here. */
  readonly kafkaIsGiven: boolean;
  readonly say: (line: string) => void;
}

interface Part {
  /** Under `pids` of stack.json. */
  readonly key: string;
  readonly name: string;
  readonly start: () => Promise<Startable>;
}

/** What the services stand on. */
export function infrastructureOf(options: InfrastructureOptions): Part[] {
  const { home, addresses, password, mailboxes, say } = options;
  const logFile = (name: string) => home.in('logs', `${name}.log`);
  const postgres = {
    dataDir: home.in('postgres'),
    logFile: logFile('postgres'),
    port: addresses.postgres,
    ...{ password, sharedBuffersMb: 256 },
  };
  const kafka = {
    dir: home.in('kafka'),
    logFile: logFile('kafka'),
    port: addresses.kafka,
    controllerPort: addresses.kafkaController,
    say,
  };
  const mail = {
    dir: home.in('mail'),
    logFile: logFile('mail'),
    smtpPort: addresses.smtp,
    imapPort: addresses.imap,
    ...{ mailboxes, say },
  };
  const parts: Part[] = [{ key: 'postgres', name: 'PostgreSQL', start: () => startPostgres(postgres) }];
  if (options.kafkaIsGiven) {
    say('KAFKA_BROKERS is given: no Kafka is started here, and no mail server; the mailbox stays unreachable');
    return parts;
  }
  return [
    ...parts,
    { key: 'kafka', name: 'Kafka', start: () => startKafka(kafka) },
    { key: 'mail', name: 'the mail server', start: () => startGreenMail(mail) },
  ];
}
