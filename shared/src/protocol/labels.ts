/**
 * The one table of integer labels. A label means the same in every message; a number is never given to another meaning.
 * Labels below 24 take one byte and go to what every poll and answer carries.
 */
export const LABELS = {
  version: 0,
  lcuId: 1,
  collectorId: 2,
  nonce: 3,
  lcuNonce: 4,
  pollId: 5,
  deadlineMs: 6,
  issuedAt: 7,
  acks: 8,
  want: 9,
  pollHash: 10,
  boot: 11,
  epoch: 12,
  now: 13,
  from: 14,
  to: 15,
  prev: 16,
  head: 17,
  openEpochs: 18,
  gaps: 19,
  codeHash: 20,
  programHash: 21,
  circuits: 22,
  health: 23,
  versions: 24,
  kid: 25,
  publicKey: 26,
  sequence: 27,
  rootKey: 28,
  pollKeys: 29,
  commandKeys: 30,
  pins: 31,
  keys: 32,
  tokenHash: 33,
  agentVersion: 34,
  assurance: 35,
  evidence: 36,
  requestHash: 37,
  outcome: 38,
  lcuKeys: 39,
  rows: 40,
  fromMs: 41,
  toMs: 42,
  encodings: 43,
  product: 44,
  productVersion: 45,
  expiresAt: 46,
  releaseState: 47,
  keysHash: 48,
} as const;

/** Name of a label. */
export type LabelName = keyof typeof LABELS;

/** Name by label number. */
export const LABEL_NAMES: ReadonlyMap<number, LabelName> = new Map(
  (Object.entries(LABELS) as [LabelName, number][]).map(([name, label]) => [label, name]),
);
