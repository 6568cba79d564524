import { Readable } from 'node:stream';
import type { RemoteFile } from '#intake';
import { createLogger } from '#observability';
import { FileFetcher } from './file-fetcher.js';
import { ApiCallError } from './api-call.js';
import type { Media } from './network.js';

const logger = createLogger('test', 'silent');
const sha256 = 'a'.repeat(64);

function fetcher(onFetch: (url: string) => Promise<void> = async () => undefined): FileFetcher {
  const fetch = async (url: string): Promise<RemoteFile> => {
    await onFetch(url);
    const read = () => Readable.from([]);
    const staged = { sha256, bytes: 5, read, commit: async () => undefined, discard: async () => undefined };
    return { staged, statedType: undefined, detectedType: undefined };
  };
  return new FileFetcher({ fetch }, 100, logger);
}
const media: Media = {
  hosts: [],
  trustedOrigins: [],
  patienceMs: 5_000,
  locate: async ({ ref }) => {
    if (ref === 'gone') throw new ApiCallError('answered 404');
    return { url: ref };
  },
};

it.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\temp\\hoá đơn.pdf', 'hoá đơn.pdf'],
  ['a\u0000b\n.txt', 'ab.txt'],
  ['fdp.exe\u202e.txt', 'fdp.exe.txt'],
  ['..', 'file'],
  ['', 'file'],
  [undefined, 'file'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(196)}.pdf`],
])('a file that is called %j is kept as %j', async (name, kept) => {
  const { attachments } = await fetcher().fetch('a', media, [{ ref: 'x', ...(name === undefined ? {} : { name }) }]);
  expect(attachments).toEqual([{ sha256, name: kept, mediaType: 'application/octet-stream', bytes: 5, inline: false }]);
});

it('one file that is not there leaves the others, and says so', async () => {
  const { attachments, flags } = await fetcher().fetch('a', media, [
    { ref: 'gone' },
    { ref: 'x' },
    { ref: 'y', bytes: 101 },
  ]);
  expect([attachments.length, flags]).toEqual([1, ['media_missing']]);
});

it('a thousand messages with files do not fetch a thousand at once', async () => {
  let running = 0;
  let most = 0;
  const files = fetcher(async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  });
  const fetched = await Promise.all(
    Array.from({ length: 200 }, (_, index) => files.fetch('a', media, [{ ref: String(index) }])),
  );
  expect([most, fetched.filter(({ flags }) => flags.length === 0).length]).toEqual([16, 200]);
});
