import type { LcuState } from '../fleet/fleet.js';

/** How grave something is: `down`, an LCU in service that does not answer as it must; `attention`, that a person should look; `waiting`, that time will tell. */
export type Gravity = 'down' | 'attention' | 'waiting';

/** One thing that can be wrong with an LCU. */
export interface ConditionRow {
  readonly gravity: Gravity;
  /** What it means. */
  readonly what: string;
  /** What to do about it; `{lcu}` stands for its name, `{hash}` for its platform hash. */
  readonly todo: string;
}

function row(gravity: Gravity, what: string, todo: string): ConditionRow {
  return { gravity, what, todo };
}

// prettier-ignore
/** Everything that `farola-collector status` can find wrong with an LCU, the gravest first. docs/operations.md has each. */
export const CONDITIONS = {
  'down': row('down', 'the last poll gave no verified answer; the verdict says why', 'go by the verdict'),
  'never-answered': row('down', 'it was approved, and no answer of it was ever verified', 'see on the LCU, by `farola-agent status`, that the agent runs and reaches the collector'),
  'code-revoked': row('attention', 'the code of its last verified answer is revoked since', 'install an approved release on it: its next answers are refused'),
  'quarantined': row('attention', 'it is polled and stored, and counts for nothing', '`farola-collector status {lcu}` says since when and what was found; a person looks at the unit, then `farola-collector lcu release {lcu} --reason TEXT`'),
  'counts-after-restart': row('attention', 'a person released it, and its agent has run since before: what it measures is stored and counts for nothing', 'restart its agent: `systemctl restart farola-agent` on the LCU'),
  'late': row('attention', 'its last verified answer is older than two rounds', 'see that the collector runs and polls; else go by the verdict'),
  'storage-read-only': row('attention', 'the volume of its state takes no writes: samples wait in memory and are lost with the power', 'go there: save the card, replace it, enrol or restore'),
  'storage-errors': row('attention', 'ext4 has found errors on the volume of its state', 'plan a visit: check the file system, replace the card'),
  'storage-worn': row('attention', 'the eMMC says that nine tenths of its life are used up', 'plan to replace the board'),
  'storage-low': row('attention', 'less than 200 MB are free on the volume of its state', 'see what fills it; the journal itself keeps to `journal.maxMb`'),
  'meter-mismatch': row('attention', 'another device answers where the configuration names an analyser: nothing that it says is taken', '`farola-collector events {lcu}` says what it looks like: put the wiring, the unit number or the configuration right'),
  'meter-failing': row('attention', 'its newest sample of an analyser brought no values', 'look at power, wiring and unit number: `farola-agent meter read` on the LCU'),
  'samples-stale': row('attention', 'it answers, and its newest sample is older than two rounds and the shortest period of its analysers', 'look at `farola-agent status` on the LCU, and at its log'),
  'entries-withheld': row('attention', 'it lists entries that it does not deliver, however often they are asked', 'look at the unit: its journal may be harmed, or somebody holds back what it measured; nothing of that time is settled meanwhile'),
  'backlog': row('attention', 'more than a thousand of its entries are not acknowledged', 'after a time offline it drains by itself, round by round; if it does not, look at its network'),
  'clock-unset': row('attention', 'its wall clock was never set since boot', 'see that it reaches a time server; readings are dated by its contacts meanwhile'),
  'clock-off': row('attention', 'its wall clock is more than five minutes off that of the collector', 'see which of the two is wrong; ages do not depend on it, dates of late readings do'),
  'code-unknown': row('attention', 'release keys are configured, and none approves the code that it runs', '`farola-collector release add FILE`, or find out who installed it'),
  'code-unmeasured': row('attention', 'release keys are configured, and it does not measure its code', 'install it as a tree: scripts/install-tree'),
  'platform-revoked': row('attention', 'a person revoked what it runs on', 'update its system, then `farola-collector platform add {hash} --reason TEXT`'),
  'platform-unknown': row('attention', 'platforms are approved here, and what it runs on is none of them', 'if its system was updated: `farola-collector platform add {hash} --reason TEXT`; if not, ask who did it'),
  'pending': row('attention', 'a key waits for approval', 'compare the six words with the technician, then `farola-collector lcu approve {lcu} --words "..."`'),
  'awaited': row('waiting', 'the collector began, or it was approved, a moment ago, and it has not answered since', 'wait: it comes within a minute or so, or is told as down'),
} as const satisfies Record<string, ConditionRow>;

/** Name of a condition. */
export type ConditionCode = keyof typeof CONDITIONS;

/** Whether LCUs in this state are polled. */
export function isInService(state: LcuState): boolean {
  return state === 'active' || state === 'quarantined';
}

/** Free space below which the storage of an LCU is low, bytes: a day of log and journal, and room for an update. */
export const STORAGE_LOW_BYTES = 200_000_000;
/** Share of its life from which an eMMC is worn, percent. */
export const STORAGE_WORN_PERCENT = 90;
/** Entries without acknowledgement from which on they are a backlog: more than eight analysers give in two hours. */
export const BACKLOG_ENTRIES = 1_000;
/** Longest time between two samples that an agent can be configured for, seconds: of one that has not told its own. */
export const LONGEST_PERIOD_S = 3_600;
