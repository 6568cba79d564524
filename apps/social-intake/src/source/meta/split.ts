import { has, idIn, isObject, type JsonObject, listIn, numberIn, objectIn, textIn } from '../../normalize/json.js';

/** One update of a webhook, as all objects of Meta have it. */
export interface MetaPart {
  readonly object: string;
  readonly entryId: string | undefined;
  /** Of the entry; seconds or milliseconds, by object. */
  readonly time: number | undefined;
  readonly messaging: JsonObject | undefined;
  /** Another app holds the conversation at the moment. */
  readonly isStandby: boolean;
  readonly field: string;
  readonly value: JsonObject | undefined;
}

const lists = ['messaging', 'standby', 'changes'] as const;
/** Lists within a change of WhatsApp. */
const innerLists = ['messages', 'statuses', 'message_echoes'] as const;

/** Every entry × every update in it, each as a webhook of its own. */
export function splitWebhook(payload: JsonObject): readonly JsonObject[] {
  const parts = listIn(payload, 'entry').flatMap((entry) => {
    if (!isObject(entry)) return [{ ...payload, entry: [entry] }];
    const updates = lists.flatMap((list) => updatesOf(entry, list));
    return (updates.length === 0 ? [entry] : updates).map((update) => ({ ...payload, entry: [update] }));
  });
  return parts.length === 0 ? [payload] : parts;
}

function updatesOf(entry: JsonObject, list: (typeof lists)[number]): JsonObject[] {
  const rest = Object.fromEntries(Object.entries(entry).filter(([key]) => !(lists as readonly string[]).includes(key)));
  const updates = listIn(entry, list);
  const single = list === 'changes' ? updates.flatMap(splitChange) : updates;
  return single.map((update) => ({ ...rest, [list]: [update] }));
}

function splitChange(change: unknown): unknown[] {
  const value = isObject(change) ? objectIn(change, 'value') : undefined;
  if (!isObject(change) || value === undefined) return [change];
  const inner = innerLists.filter((list) => has(value, list));
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !(inner as readonly string[]).includes(key)));
  const changes = inner.flatMap((list) =>
    listIn(value, list).map((item) => ({ ...change, value: { ...rest, [list]: [item] } })),
  );
  return changes.length === 0 ? [change] : changes;
}

/** The one update of a part; undefined when there is none that could be read. */
export function partOf(payload: JsonObject): MetaPart | undefined {
  const [entry] = listIn(payload, 'entry');
  if (!isObject(entry)) return undefined;
  const [messaging] = listIn(entry, 'messaging');
  const [change] = listIn(entry, 'changes');
  const isStandby = has(entry, 'standby');
  if (!isObject(messaging) && !isObject(change) && !isStandby) return undefined;
  return {
    object: textIn(payload, 'object') ?? 'none',
    entryId: idIn(entry, 'id'),
    time: numberIn(entry, 'time'),
    messaging: isObject(messaging) ? messaging : undefined,
    isStandby,
    field: (isObject(change) ? textIn(change, 'field') : undefined) ?? 'none',
    value: isObject(change) ? objectIn(change, 'value') : undefined,
  };
}

/** Meta gives seconds here and milliseconds there. */
export function milliseconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time < 1e11 ? time * 1000 : time;
}
