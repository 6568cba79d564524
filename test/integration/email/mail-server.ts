import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { testImapUrl } from '#testing';

type Judge = (accessToken: string) => Promise<boolean>;

/** The access token in the answer to AUTHENTICATE XOAUTH2: `user=…^Aauth=Bearer …^A^A` in base64. */
function tokenIn(base64: string): string | undefined {
  return /auth=Bearer ([^\u0001]+)/.exec(Buffer.from(base64, 'base64').toString())?.[1];
}

/** The test server's IMAP behind a door that lets nobody in without an access token that the judge knows. */
export async function imapWithTokens(judge: Judge) {
  const { hostname, port } = new URL(testImapUrl());
  const open = new Set<Socket>();
  const server = createServer((customer) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [customer, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
    }
    customer.on('close', () => upstream.destroy());
    upstream.on('close', () => customer.destroy());
    upstream.on('data', (chunk: Buffer) => {
      // The server itself takes any password, and says nothing of tokens.
      customer.write(chunk.toString('latin1').replace(/\bCAPABILITY\b/g, 'CAPABILITY SASL-IR AUTH=XOAUTH2'), 'latin1');
    });
    customer.on('data', (chunk: Buffer) => {
      const [, tag, base64] = /^(\S+) AUTHENTICATE XOAUTH2 (\S+)/i.exec(chunk.toString('latin1')) ?? [];
      if (tag === undefined || base64 === undefined) {
        upstream.write(chunk);
        return;
      }
      const [, user] = /user=([^\u0001]+)/.exec(Buffer.from(base64, 'base64').toString()) ?? [];
      void judge(tokenIn(base64) ?? '').then((known) => {
        if (known && user !== undefined) upstream.write(`${tag} LOGIN "${user}" "${user}"\r\n`);
        else customer.write(`${tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n`);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    /** As after a restart of the server: everybody signs in again. */
    hangUp: () => open.forEach((socket) => socket.destroy()),
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A mail server that takes mail from those whose access token the judge knows, and keeps what it took. */
export async function smtpWithTokens(judge: Judge) {
  const taken: string[] = [];
  const server = new SMTPServer({
    authMethods: ['XOAUTH2'],
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth: ({ accessToken, username }, _session, done) => {
      void judge(accessToken ?? '').then((known) =>
        known ? done(null, { user: username ?? '' }) : done(null, { data: { status: '401', schemes: 'bearer' } }),
      );
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (server.server.address() as AddressInfo).port },
    taken,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
