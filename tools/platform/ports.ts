import { type AddressInfo, connect, createServer } from 'node:net';
import { errorCode } from './platform-error.js';

const host = '127.0.0.1';

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenOnce(port);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

/** Connects and, where a greeting is expected, reads until the first line; false when nobody answers. */
export async function answers(port: number, greeting?: RegExp): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host });
    const end = (result: boolean) => {
      socket.destroy();
      settle(result);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => settle(false));
    if (greeting === undefined) socket.once('connect', () => end(true));
    else socket.once('data', (data) => end(greeting.test(data.toString())));
  });
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ port, host }, listening);
  });
  const taken = (server.address() as AddressInfo).port;
  await new Promise((closed) => server.close(closed));
  return taken;
}
