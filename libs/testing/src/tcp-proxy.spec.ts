import { once } from 'node:events';
import net from 'node:net';
import { TcpProxy } from './tcp-proxy.js';
import { waitFor } from './wait-for.js';

/** Answers `<n>:<request>` to each request and remembers what arrived. */
async function echoServer() {
  const arrived: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      arrived.push(chunk.toString());
      socket.write(`answer to ${chunk.toString()}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { arrived, port: (server.address() as net.AddressInfo).port, close: () => server.close() };
}

describe('TcpProxy', () => {
  let echo: Awaited<ReturnType<typeof echoServer>>;
  let proxy: TcpProxy;
  beforeEach(async () => {
    echo = await echoServer();
    proxy = await TcpProxy.start({ target: { port: echo.port } });
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  function connect() {
    const socket = net.connect(proxy.port, '127.0.0.1');
    const answers: string[] = [];
    let isClosed = false;
    socket.on('data', (chunk) => answers.push(chunk.toString()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      isClosed = true;
    });
    return { socket, answers, isClosed: () => isClosed };
  }

  it('passes both ways', async () => {
    const { socket, answers } = connect();
    socket.write('a');
    await waitFor(() => answers.length > 0);
    socket.destroy();
    expect({ arrived: echo.arrived, answers }).toEqual({ arrived: ['a'], answers: ['answer to a'] });
  });

  it('drops an answer whose request arrived, and cuts', async () => {
    proxy.dropAnswers({ times: 1, afterRequestBytes: 3 });
    const { socket, answers, isClosed } = connect();
    socket.write('hi');
    await waitFor(() => answers.length === 1);
    socket.write('long');
    await waitFor(isClosed);
    expect({ arrived: echo.arrived, answers, left: proxy.answersLeftToDrop }).toEqual({
      arrived: ['hi', 'long'],
      answers: ['answer to hi'],
      left: 0,
    });
  });

  it('leaves frozen connections open and silent, and lets new ones through once restored', async () => {
    const before = connect();
    before.socket.write('a');
    await waitFor(() => before.answers.length === 1);
    proxy.freeze();
    before.socket.write('b');
    proxy.restore();
    const after = connect();
    after.socket.write('c');
    await waitFor(() => after.answers.length === 1);
    expect({ arrived: echo.arrived, closed: before.isClosed() }).toEqual({ arrived: ['a', 'c'], closed: false });
    before.socket.destroy();
    after.socket.destroy();
  });

  it('refuses', async () => {
    proxy.refuse();
    const { isClosed } = connect();
    await waitFor(isClosed);
    expect(proxy.connections).toBe(0);
  });
});
