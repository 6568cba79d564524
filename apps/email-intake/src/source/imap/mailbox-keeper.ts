import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { AttachmentStore } from '#intake';
import { Health, type Logger } from '#observability';
import { Database, withLease } from '#postgres';
import { type Settings } from '../../env.js';
import { MailboxRepository } from '../../store/mailbox.repository.js';
import type { FolderName, Mailbox } from '../accounts.js';
import { MailIntake } from '../mail-intake.js';
import type { SignIns } from '../sign-in/sign-ins.js';
import { FolderReader } from './folder-reader.js';

export const KEEPER_PARTS = 'KEEPER_PARTS';

export interface KeeperParts {
  readonly settings: Settings;
  readonly accounts: readonly Mailbox[];
  readonly signIns: SignIns;
  readonly store: AttachmentStore;
  readonly logger: Logger;
}

/** Keeps a reader for each folder of each mailbox; replicas share the folders by lease. */
@Injectable()
export class MailboxKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private running: Promise<void>[] = [];

  constructor(
    @Inject(KEEPER_PARTS) private readonly parts: KeeperParts,
    @Inject(Database) private readonly database: Database,
    @Inject(MailboxRepository) private readonly mailboxes: MailboxRepository,
    @Inject(MailIntake) private readonly intake: MailIntake,
    @Inject(Health) private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.parts.accounts.flatMap((mailbox) => {
      const folders: FolderName[] = mailbox.options.readSent ? ['inbox', 'sent'] : ['inbox'];
      return folders.map((folder) => this.keep(mailbox, folder));
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private keep(mailbox: Mailbox, folder: FolderName): Promise<void> {
    const { settings, store, logger } = this.parts;
    const name = `mailbox:${mailbox.id}:${folder}`;
    const readerLogger = logger.child({ account: mailbox.id, folder });
    return withLease({
      database: this.database,
      name,
      holder: settings.INSTANCE,
      logger: readerLogger,
      signal: this.stopping.signal,
      run: async (held) => {
        // Watched only while this replica reads: a folder that another one holds does not turn here.
        const loop = this.health.loop(name);
        const reader = new FolderReader({
          mailbox,
          signIn: this.parts.signIns.of(mailbox),
          folder,
          mailboxes: this.mailboxes,
          intake: this.intake,
          store,
          maxBytes: settings.MAIL_MAX_BYTES,
          pollMs: settings.MAIL_POLL_SECONDS * 1_000,
          logger: readerLogger,
          loop,
        });
        try {
          await reader.run(held);
        } finally {
          loop.stop();
        }
      },
    });
  }
}
