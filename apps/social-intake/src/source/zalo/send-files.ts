import type { NotSent, ProviderAnswer, SendOutcome } from '#intake';
import { numberIn, objectIn, textIn } from '../../normalize/json.js';
import { type AnswerFile, notSent } from '../answer.js';
import type { Part } from '../parts.js';

export interface Upload {
  readonly as: 'image' | 'gif' | 'file';
  readonly form: FormData;
}

/** How Zalo is asked, for one answer. */
interface Asking {
  readonly ask: (path: string, body: FormData) => Promise<ProviderAnswer | NotSent>;
  readonly send: (message: Readonly<Record<string, unknown>>) => Promise<SendOutcome>;
}

export async function formOf(file: AnswerFile): Promise<FormData> {
  const form = new FormData();
  form.set('file', await file.read(), file.name);
  return form;
}

/** Each file is a message of its own; the words go with a picture that is the last, else after the files. */
export function partsOf(text: string, uploads: readonly Upload[], by: Asking): readonly Part[] {
  const withWords = text !== '' && uploads.at(-1)?.as === 'image';
  const files = uploads.map((upload, index) => {
    const words = withWords && index === uploads.length - 1 ? text : '';
    return () => sendFile(upload, words, by);
  });
  return text === '' || withWords ? files : [...files, () => by.send({ text })];
}

/** An upload reaches nobody: only what follows it may be uncertain. */
async function sendFile({ as, form }: Upload, words: string, { ask, send }: Asking): Promise<SendOutcome> {
  const said = await ask(`/v2.0/oa/upload/${as}`, form);
  if (said.kind === 'not_sent') return said;
  if (said.kind === 'uncertain') return notSent('no_answer', said.detail, { permanent: false });
  const data = objectIn(said.body, 'data');
  const id = textIn(data, as === 'file' ? 'token' : 'attachment_id');
  if (id === undefined) {
    const error = numberIn(said.body, 'error');
    const detail = `Zalo took no file: ${said.status} ${error ?? ''}`.trim();
    return notSent(said.status >= 500 ? 'temporarily_rejected' : 'message_rejected', detail, {
      permanent: said.status < 500 && error !== -216 && error !== -220 && error !== -32,
    });
  }
  if (as === 'file') return await send({ attachment: { type: 'file', payload: { token: id } } });
  const elements = [{ media_type: as, attachment_id: id }];
  const attachment = { type: 'template', payload: { template_type: 'media', elements } };
  return await send(words === '' ? { attachment } : { text: words, attachment });
}
