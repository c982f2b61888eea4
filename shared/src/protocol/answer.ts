import * as z from 'zod';
import { nameSchema } from '../names.js';
import { boot16, entryNumber, epoch8, hash32, lastNumber, nonce16, uint, version } from './fields.js';
import { messageType } from './message.js';
import { EPOCH_LIST_LIMIT } from './poll.js';

/** Why entries are delivered without their bytes. */
export const GAP_REASON = { evicted: 1, locked: 2, damaged: 3 } as const;

/** `[monoMs, wallMs, quality]` at the moment of answering. */
export const nowField = z.tuple([uint, uint, z.int().min(0).max(255)]);

/** `[epoch, first, last]`: an epoch of which the journal holds entries that are not acknowledged, or the present one. */
export const openEpoch = z.tuple([epoch8, entryNumber, lastNumber]);

/** `[epoch, from, to, h(from - 1), h(to), reason]`: entries that the LCU had and no longer has. */
export const gapRecord = z.tuple([epoch8, entryNumber, entryNumber, hash32, hash32, z.int().min(0).max(255)]);

/** Keys of `health`. Unknown keys are kept and ignored. */
export const HEALTH = {
  /** Entries that no ack covers yet. */
  backlog: 1,
  /** Size of the journal, bytes. */
  journalBytes: 2,
  /** Free space of the volume, bytes. */
  diskFreeBytes: 3,
  /** Since the agent started, seconds. */
  uptimeS: 4,
  /** How much of its life the storage says is used up, percent, in steps of ten: eMMC tells it, SD cards do not. 110: beyond it. */
  storageLifePercent: 5,
  /** 1 when the volume takes no writes, 0 when it does. */
  readOnly: 6,
  /** Errors that ext4 has found on the volume since it was made. */
  fileSystemErrors: 7,
} as const;

const health = z.custom<ReadonlyMap<number, number>>(isMapOfIntegers, 'must be a map of integers');

function isMapOfIntegers(value: unknown): boolean {
  if (!(value instanceof Map) || value.size > 32) return false;
  for (const [key, n] of value) if (!Number.isSafeInteger(key) || !Number.isSafeInteger(n)) return false;
  return true;
}

/**
 * The answer to a poll: one ascending range of one epoch, `from` to `to`; empty when `to` is `from - 1`. The entries
 * travel beside it and are proven by `prev` and `head`. Signed with the LCU key.
 */
export const ANSWER = messageType(
  'answer',
  z.strictObject({
    version,
    lcuId: nameSchema,
    pollId: uint,
    /** The nonce of the poll. */
    nonce: nonce16,
    /** SHA-256 of the whole signed poll. */
    pollHash: hash32,
    boot: boot16,
    epoch: epoch8,
    now: nowField,
    from: entryNumber,
    to: lastNumber,
    /** h(from - 1). */
    prev: hash32,
    /** h(to). */
    head: hash32,
    openEpochs: z.array(openEpoch).max(EPOCH_LIST_LIMIT),
    gaps: z.array(gapRecord).max(EPOCH_LIST_LIMIT),
    /** Merkle root of what we ship; null when it is not measured. */
    codeHash: hash32.nullable(),
    /** Hash of the lighting program in force; null when there is none. */
    programHash: hash32.nullable(),
    /** State of each circuit; empty when this LCU switches none. */
    circuits: z.array(uint).max(16),
    health,
  }),
);

/** The fields of an answer. */
export type Answer = z.output<typeof ANSWER.schema>;
/** One gap record. */
export type GapRecord = z.output<typeof gapRecord>;
/** One open epoch. */
export type OpenEpoch = z.output<typeof openEpoch>;
