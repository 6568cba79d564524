import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answers, freePort } from '../../tools/platform/ports.js';

const program = '/usr/sbin/dovecot';
/** `nobody` on Debian: owns the mail, since Dovecot lets no root-owned mailbox be opened. */
const owner = 65_534;

/** Counted over restarts: names in a Maildir must never come again. */
let delivered = 0;

export interface RunningDovecot {
  readonly port: number;
  readonly pid: number;
  /** Puts mails into a user's INBOX in this order, as delivery by another program does; `at` becomes their INTERNALDATE. */
  deliver(user: string, mails: readonly Buffer[], at?: Date): Promise<void>;
  /** Where a user's INBOX lies, a Maildir. */
  folder(user: string): string;
  stop(): Promise<void>;
}

/** Whether a real Dovecot can be run here: Debian's package, and root for its own users. */
export async function hasDovecot(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return access(program).then(
    () => true,
    () => false,
  );
}

function configuration(dir: string, port: number, password: string): string {
  return `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:${dir}/mail/%u
mail_fsync = never
mail_max_userip_connections = 50
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${dir}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
}
service anvil {
  chroot =
}
namespace inbox {
  inbox = yes
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
}
`;
}

/** A real Dovecot on 127.0.0.1; every user exists, with the one password. */
export async function startDovecot(options: {
  readonly dir: string;
  readonly password: string;
  readonly port?: number;
}): Promise<RunningDovecot> {
  const { dir, password } = options;
  const port = options.port ?? (await freePort());
  await mkdir(join(dir, 'mail'), { recursive: true });
  await chown(join(dir, 'mail'), owner, owner);
  await writeFile(join(dir, 'dovecot.conf'), configuration(dir, port, password));
  const child = spawn(program, ['-F', '-c', join(dir, 'dovecot.conf')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const folder = (user: string) => join(dir, 'mail', user);
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt > 100 || child.exitCode !== null) throw new Error(`Dovecot did not start, see ${dir}/dovecot.log`);
    await delay(50);
  }
  return {
    port,
    pid: child.pid ?? 0,
    folder,
    async deliver(user, mails, at) {
      for (const part of ['', 'tmp', 'new', 'cur']) {
        await mkdir(join(folder(user), part), { recursive: true });
        await chown(join(folder(user), part), owner, owner);
      }
      const second = Math.floor(Date.now() / 1000);
      for (const mail of mails) {
        // Maildir order is the order of names within a second.
        const name = `${second}.M${String(++delivered).padStart(9, '0')}P1.bench`;
        const path = join(folder(user), 'tmp', name);
        await writeFile(path, mail);
        await chown(path, owner, owner);
        if (at !== undefined) await utimes(path, at, at);
        await rename(path, join(folder(user), 'new', name));
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
