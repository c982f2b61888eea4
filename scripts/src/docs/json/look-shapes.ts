import { EVENT_CODES, SAMPLE_STATUS } from '@farola/shared';
import { z } from 'zod';
import { count, decimal, flag, hex, number, text, time, verdict, word, wordOf } from './kinds.js';
import { assurance, rounds } from './status-shapes.js';

/** How the ledger behind figures was proven. */
const proof = z
  .strictObject({
    provenUpTo: time.nullable().describe('what was received before was proven since; null where nothing was'),
    provenAt: time.nullable().describe('when that proof ended; null where there is none, or the first night goes on'),
    provenBy: word('night', 'verify', 'rebuild')
      .nullable()
      .describe('the nightly proof, `ledger verify` or `ledger rebuild`; null for none'),
    damaged: count.describe('places behind it that do not agree with what was signed, and that no later proof found in order'),
    gone: count.describe('places behind it that were there and are not'),
  })
  .nullable();

/**
 * `readings`: with `--from` or `--to` a sample of one scan group, else the latest values of a measuring point, of all its scan groups,
 * where the reading itself is the newest of their samples.
 */
export const reading = z.strictObject({
  lcuId: text.describe('the LCU that measured'),
  point: text.describe('measuring point, `panel/analyser`'),
  takenAt: time.describe('when it was measured, as well as it is known'),
  dating: word('lcu-clock', 'age', 'later-clock', 'unknown').describe('what that rests on, see [015](decisions/015-dating.md)'),
  observedAt: time.nullable().describe('the same by the clock of the collector, where that can be told'),
  notBefore: time.nullable().describe('bound of a sample that nothing dates'),
  notAfter: time.nullable().describe('the other bound'),
  status: wordOf(SAMPLE_STATUS).describe('how it [went](operations.md#how-a-reading-went)'),
  values: z
    .array(
      z.strictObject({
        quantity: text.describe('name of the quantity, see [protocol](protocol.md#quantities)'),
        unit: text.describe('unit; `1` for none'),
        value: decimal.nullable().describe('in its unit; null when it is missing'),
        flags: z
          .array(text)
          .describe(
            'rules that it does not agree with, by their [names](protocol.md#rules-of-plausibility); it stands as it was read',
          ),
        takenAt: time.describe('when it was asked for'),
        ageSeconds: count.nullable().describe('of a latest value; null where it is not known, and with `--from` or `--to`'),
        stale: flag
          .nullable()
          .describe(
            'whether a latest value is older than two rounds and the period of its scan group; null with `--from` or `--to`',
          ),
        status: wordOf(SAMPLE_STATUS).describe('how its sample [went](operations.md#how-a-reading-went)'),
        epoch: hex(8).describe('the entry of its sample: epoch'),
        n: count.describe('the entry of its sample: number in the epoch'),
      }),
    )
    .describe('what was measured; of a latest reading by all scan groups of the analyser, each of its newest sample'),
  epoch: hex(8).describe('the entry: epoch'),
  n: count.describe('the entry: number in the epoch'),
  branch: count.describe('chain of the epoch: 0, or more where it was signed in several ways'),
  counts: flag.describe('whether it counts: not what a quarantine bars'),
  assurance: assurance.describe('how far the LCU is trusted now'),
  profileId: text.nullable().describe('register map that it was read by; null while the table of its epoch is not here'),
  profileOrigin: word('shipped', 'own').nullable().describe('whose that is'),
  periodSeconds: count.nullable().describe('from sample to sample of the scan group; null as the register map'),
  ageSeconds: count.nullable().describe('of a latest reading; null where it is not known, and with `--from` or `--to`'),
  stale: flag
    .nullable()
    .describe('whether a latest reading is older than two rounds and its period; null with `--from` or `--to`'),
  proof: proof.describe('how the ledger behind it was [proven](aggregates.md#trust); null where that cannot be said'),
});

/** `readings --interval`: an interval, a gap or a sum. */
export const interval = z.strictObject({
  row: word('interval', 'gap', 'sum').describe('an interval; what was counted where no sample was at its end; the sum of all'),
  point: text.describe('measuring point, `panel/analyser`'),
  from: time.describe('begin'),
  to: time.describe('end, not included'),
  localFrom: text.describe('begin in the time zone of the panel, with its offset: `2026-11-22T00:00+01:00`'),
  localTo: text.describe('end in that time zone'),
  quantity: text.describe('name of the quantity'),
  unit: text.describe('of the values'),
  energy: decimal.nullable().describe('of a counter: what was counted'),
  min: decimal.nullable().describe('of other quantities: least'),
  mean: decimal.nullable().describe('mean'),
  max: decimal.nullable().describe('most'),
  samples: count.nullable().describe('samples with the quantity; null of a gap'),
  expected: count.nullable().describe('samples that should be there, by the periods of its scan group; null of a gap'),
  flagged: count.nullable().describe('samples with the quantity that a rule of plausibility marks; null of a gap'),
  completenessPercent: number.nullable().describe('samples of those expected, cut off to one digit'),
  marks: z.array(text).describe('what limits it, see [aggregates](aggregates.md)'),
});

/** `readings --interval`: the last line. */
export const intervalNotes = z.strictObject({
  row: z.literal('notes').describe('the last line'),
  madeUpTo: time.nullable().describe('when the ledger was last looked through to its end; null before the first time'),
  undated: count.describe('samples in no interval, since nothing dates them'),
  unplaced: count.describe('samples in no interval, since their analyser was not told yet'),
  barred: count.describe('samples that a quarantine bars'),
  leftOut: count.describe('places of the ledger that these were made anew without'),
  proof: proof.describe('how the ledger behind these was [proven](aggregates.md#trust); null where that cannot be said'),
});

/** `uptime`. */
export const uptime = z.strictObject({
  lcuId: text.describe('its name'),
  from: time.describe('begin of the window'),
  to: time.describe('its end, as far as it is settled'),
  ...rounds,
  spells: z
    .array(
      z.strictObject({
        code: verdict.describe('why'),
        since: time.describe('since when'),
        until: time.nullable().describe('until when; null: it goes on'),
        lastedSeconds: count.describe('how long, to the end of the window at most'),
        roundsDown: count.describe('rounds in it'),
        hint: text.nullable().describe('what to do'),
      }),
    )
    .describe('the times that it was down, oldest first'),
});

/** `events`. */
export const event = z.strictObject({
  lcuId: text.nullable().describe('the LCU; null of what the nightly proof found without one'),
  at: time.describe('when it happened, as well as it is known'),
  receivedAt: time.describe('when it was received, or found'),
  late: flag.describe('whether it was too old to act on when it came'),
  ageSeconds: count.describe('how old it was then'),
  code: z
    .enum([...Object.keys(EVENT_CODES), 'unknown', 'ledger-damaged', 'ledger-incomplete'])
    .meta({ kind: 'event', href: 'operations.md#events' })
    .describe('what happened'),
  facts: z.array(text).describe('what was told with it, in the order of [protocol](protocol.md); bytes in hexadecimal'),
  epoch: hex(8).nullable().describe('the entry: epoch'),
  branch: count.nullable().describe('chain of the epoch'),
  n: count.nullable().describe('number in the epoch'),
});
