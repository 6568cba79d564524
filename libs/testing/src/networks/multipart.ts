import type { ProviderRequest } from '../provider-server.js';

/** A file as somebody has received it. */
export interface ReceivedFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

export interface Multipart {
  readonly fields: Readonly<Record<string, string>>;
  /** By the name of their field. */
  readonly files: Readonly<Record<string, ReceivedFile>>;
}

export const isMultipart = ({ headers }: ProviderRequest) =>
  headers['content-type']?.startsWith('multipart/form-data') === true;

export async function readMultipart({ headers, bytes }: ProviderRequest): Promise<Multipart> {
  const contentType = headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  const fields: Record<string, string> = {};
  const files: Record<string, ReceivedFile> = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else files[name] = { name: value.name, type: value.type, text: await value.text() };
  }
  return { fields, files };
}
