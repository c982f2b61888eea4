import * as z from 'zod';
import { teller } from './run-teller.js';

const count = z.int().min(0);
const atMs = z.number();

const lineStatus = z.object({
  id: z.string(),
  requests: count,
  ok: count,
  timeouts: count,
  malformed: count,
  crc: count,
  exceptions: count,
  strayBytes: count,
  lateAnswers: count,
  echoes: count,
  busyMs: z.number().nonnegative(),
  opened: count,
  failedOpens: count,
  /** Why nothing is read over it, a code of the error table; null while it is available. See LineTrouble. */
  unavailable: z.object({ sinceMs: atMs, code: z.string(), reason: z.string() }).nullable(),
});

/** A scan group, see GroupOutcome. */
const groupStatus = z.object({
  periodS: count,
  quantities: count,
  status: z.string().nullable(),
  atMs: atMs.nullable(),
  /** Samples that were left out since its line was busy. */
  skipped: count,
});

/** How the newest samples of an analyser went, see AnalyserOutcome. */
const analyserStatus = z.object({
  id: z.string(),
  line: z.string(),
  status: z.string().nullable(),
  atMs: atMs.nullable(),
  failingSinceMs: atMs.nullable(),
  code: z.string().nullable(),
  /** In the order of the analyser table. */
  groups: z.array(groupStatus),
  /** What the device says it is; null while it has told nothing, or is refused. */
  device: z
    .object({ model: z.string().nullable(), serialNumber: z.string().nullable(), firmware: z.string().nullable() })
    .nullable(),
  /** Why the device is refused, in words; null while it is not. */
  mismatch: z.string().nullable(),
  /** Settings of the device that are not as they were, or not as they are configured, see NoticedSetting. */
  settings: z
    .array(z.object({ setting: z.string(), before: z.string(), now: z.string(), isConfigured: z.boolean(), atMs }))
    .default([]),
  /** What is not plausible in its newest samples, see FlagStatus. */
  flags: z.array(z.object({ rule: z.string(), quantities: z.array(z.string()) })),
});

const span = { from: count, to: count };

/** What the requests to an analyser are planned by, see PlanBasis. */
const planStatus = z.object({
  /** Hash of the profile, hexadecimal: places of rows are of that one. */
  profileHash: z.string(),
  /** What it takes to answer, as learned, ms; null as long as that is not used. */
  answerMs: z.number().nullable(),
  /** See RefusedRow and RefusedBlock. */
  refusedRows: z.array(z.object({ row: count, exception: count })),
  refusedBlocks: z.array(
    z.object({
      ...span,
      functionCode: z.union([z.literal(3), z.literal(4)]),
      exception: count,
      holes: z.array(z.object(span)),
      cuts: z.array(count),
    }),
  ),
});

/** How the questions to an analyser went since the agent started, see UnitCounters. */
const unitStatus = z.object({
  /** Id of the analyser, its line and its address there. */
  id: z.string(),
  line: z.string(),
  unit: count,
  requests: count,
  ok: count,
  timeouts: count,
  malformed: count,
  crc: count,
  exceptions: count,
  lateAnswers: count,
  /** Not told by an agent of before there was a field for it. */
  plan: planStatus.optional(),
  /** Whether its breaker is open. */
  isLeftAlone: z.boolean(),
  /** What half, 95 % and 99 % of its answers did not pass, ms; null while there was none. */
  latencyMs: z.object({ half: z.number().nullable(), most: z.number().nullable(), nearlyAll: z.number().nullable() }),
});

const meterStatus = z.object({
  /** By line, see LineCounters. */
  lines: z.array(lineStatus),
  /** In the order of the configuration. */
  analysers: z.array(analyserStatus),
  /** By analyser. */
  units: z.array(unitStatus).default([]),
});

/** Schema of what the running agent tells of itself; times are wall times, ms since 1970 UTC. */
export const runStatusSchema = z.object({
  ...teller,
  startedMs: atMs,
  writtenMs: atMs,
  /** Its last sign of life, monotonic time, ms: wall clocks step. None was told before there was a field for it. */
  aliveMonoMs: z.number().optional(),
  lcuId: z.string(),
  /** The present epoch, hexadecimal. */
  epoch: z.string(),
  link: z.object({
    state: z.enum(['dialling', 'listening', 'connected', 'waiting']),
    sinceMs: atMs,
    /** Why the last connection ended, a code of the error table where there is one; null when none has ended. */
    reason: z.string().nullable(),
    /** While it waits: when it tries again; else null. */
    nextTryMs: atMs.nullable(),
    /** When a poll was last answered; null when none was. */
    lastAnswerMs: atMs.nullable(),
    /** When a poll last left fewer entries waiting than before; null when none did in this run. */
    lastAcknowledgedMs: atMs.nullable(),
    /** Polls answered since then in which entries waited and none was acknowledged. */
    pollsInVain: count,
  }),
  samples: z.object({
    taken: count,
    /** Entries that could not be kept. */
    lost: count,
    /** Entries in memory that wait for the disk. */
    waiting: count,
    lastMs: atMs.nullable(),
  }),
  meter: meterStatus,
  journal: z.object({ backlog: count, bytes: count }),
  /** What the agent says of its own code, hashes in hexadecimal, see CodeState. */
  code: z.object({
    tree: z.string().nullable(),
    hash: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  /** What it says of what it runs on, see HashState. */
  platform: z.object({
    hash: z.string().nullable(),
    files: count,
    reason: z.string().nullable(),
  }),
});

/** Schema of what an agent tells of itself before it measures: while it has no journal, for instance. */
export const startingSchema = z.object({
  ...teller,
  startedMs: atMs,
  lcuId: z.string(),
  starting: z.object({
    /** Why it cannot begin yet, a code of the error table, and the same in words; null while nothing is in its way. */
    code: z.string().nullable(),
    reason: z.string().nullable(),
  }),
});

/** An agent that has begun and does not measure yet. */
export type StartingRun = z.output<typeof startingSchema>;
/** What the running agent tells of itself. */
export type RunStatus = z.output<typeof runStatusSchema>;
/** How lines and analysers are, and what happened on the lines since the agent started. */
export type MeterStatus = z.output<typeof meterStatus>;

/** Port: publishes the status. Never throws. */
export type PublishStatus = (status: RunStatus | StartingRun) => void;
