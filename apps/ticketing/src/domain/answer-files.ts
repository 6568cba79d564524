import { type Attachment, contentTypeOf, type FileMisfit, filesOf, fitFiles, takesNoFiles } from '#contracts';
import type { AnswerWay } from './answer-route.js';

/** WhatsApp takes templates alone then. Source: docs/channels.md. */
const whatsAppHours = 24;

/** Why the files cannot leave this way; asked before anything is stored. What changes until they leave is the sender's to refuse. */
export function filesMisfit(
  files: readonly Attachment[],
  way: Pick<AnswerWay, 'channel' | 'thread' | 'customerWroteAt'>,
  now: Date,
): FileMisfit | undefined {
  if (files.length === 0) return undefined;
  const rules = placeWithoutFiles(way, now) ?? filesOf(way.channel);
  if (typeof rules === 'string') return { code: 'files_not_taken', detail: rules };
  const fit = fitFiles(
    files.map((file) => ({ type: contentTypeOf(file), bytes: file.bytes })),
    rules,
  );
  return fit.ok ? undefined : fit.misfit;
}

function placeWithoutFiles(
  { channel, thread, customerWroteAt }: Pick<AnswerWay, 'channel' | 'thread' | 'customerWroteAt'>,
  now: Date,
): string | undefined {
  // Only comments lie under something there.
  if (channel === 'instagram' && thread.providerConversationId !== undefined) return takesNoFiles.instagramComment;
  const silentMs = customerWroteAt === null ? 0 : now.getTime() - customerWroteAt.getTime();
  return channel === 'whatsapp' && silentMs > whatsAppHours * 3_600_000 ? takesNoFiles.whatsAppTemplate : undefined;
}
