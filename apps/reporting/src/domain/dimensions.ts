/** What a number can be grouped and filtered by, in the order in which the fact table holds it. */
export const dimensions = [
  'channel',
  'account',
  'team',
  'agent',
  'category',
  'priority',
  'organization',
  'segment',
] as const;
export type Dimension = (typeof dimensions)[number];

/** The dimensions of one fact; the empty string means none. */
export type DimensionValues = Readonly<Record<Dimension, string>>;

/** The fixed sets that are kept as rollups. `code` is stored: never reuse one. A set of one leaves the second place empty. */
export const dimensionSets = [
  { code: 1, of: ['channel', 'account'] },
  { code: 2, of: ['channel', 'team'] },
  { code: 3, of: ['team', 'agent'] },
  { code: 4, of: ['category', 'priority'] },
  { code: 5, of: ['segment'] },
] as const satisfies readonly { code: number; of: readonly Dimension[] }[];
export type DimensionSet = (typeof dimensionSets)[number];

/** Feedback is known by channel and account only, so it is kept in the first set alone. */
export const feedbackSet = dimensionSets[0];

/** The first set that holds every one of the given dimensions. */
export function findDimensionSet(needed: readonly Dimension[]): DimensionSet | undefined {
  return dimensionSets.find((set) => needed.every((dimension) => (set.of as readonly Dimension[]).includes(dimension)));
}

const none: DimensionValues = {
  channel: '',
  account: '',
  team: '',
  agent: '',
  category: '',
  priority: '',
  organization: '',
  segment: '',
};

export function dimensionValues(known: Partial<DimensionValues>): DimensionValues {
  return { ...none, ...known };
}
