import { CLOCK_QUALITY, SAMPLE_STATUS } from '@farola/shared';
import { CONDITIONS } from '@farola/collector/status/conditions.js';
import { z } from 'zod';
import { count, flag, hex, mark, number, problem, storage, text, time, verdict, word, wordOf } from './kinds.js';

/** Of a configuration that was sent: the trial that it is on, or that it waits for. */
export const openTrial = {
  trialEndsAt: time
    .nullable()
    .describe(
      'when about the trial is over that it is on, or that it waits for, after which the LCU keeps or rolls back; null when there is none, and of an agent too old to tell',
    ),
  waitsForSequence: count.nullable().describe('number of the one on trial on the LCU that it waits for; null when there is none'),
};

/** Where an LCU stands. */
export const lcuState = word('invited', 'pending', 'active', 'quarantined', 'revoked', 'retired');
/** How far an LCU is trusted. */
export const assurance = word('A0', 'A1', 'A2', 'A3');

/** The last verified answer of an LCU, wherever it is told. */
export const lastAnswer = z
  .strictObject({
    at: time.describe('when it was received'),
    ageSeconds: count.nullable().describe('how long ago; null when the clock of the collector went back since'),
  })
  .nullable()
  .describe('the last verified answer; null before the first');

/** What is thought of the code of an LCU. */
export const codeMark = z
  .strictObject({
    mark: mark.describe('what the release keys say now'),
    name: text.nullable().describe('product and version, where a release names them'),
    reason: text.nullable().describe('why it is revoked, or an approval that once was does not count'),
    codeHash: hex(32).nullable().describe('as its last verified answer says; null when it is not measured'),
  })
  .nullable()
  .describe('the code that it runs; null before its first verified answer');

/** What is thought of what an LCU runs on. */
export const platformMark = z
  .strictObject({
    mark: mark.describe('what was judged last'),
    reason: text.nullable().describe('what was said then'),
    platformHash: hex(32).nullable().describe('as it told last'),
  })
  .nullable()
  .describe('what it runs on; null before its first verified answer');

/** Rounds of a window, wherever they are told. */
export const rounds = {
  uptimePercent: number.nullable().describe('rounds up of those known; null when none is'),
  coveragePercent: number.nullable().describe('rounds known of all; null when there was none'),
  roundsUp: count.describe('rounds with a verified answer'),
  roundsDown: count.describe('rounds without'),
  roundsUnknown: count.describe('rounds in which the collector did not poll'),
};

const row = z.strictObject({
  lcuId: text.describe('its name'),
  panel: text.describe('the panel that it is in'),
  state: lcuState.describe('where it [stands](operations.md#states)'),
  assurance: assurance.describe('how far it is trusted'),
  level: word('down', 'attention', 'well', 'waiting', 'gone').describe(
    'how it is: `waiting` for a technician, or to come after a start or its approval; `gone` out of service',
  ),
  conditions: z
    .array(
      z.strictObject({
        code: wordOf(CONDITIONS).meta({ kind: 'condition', href: 'operations.md#what-is-wrong' }).describe('what is wrong'),
        since: time.nullable().describe('since when'),
        detail: text.nullable().describe('what exactly; of `down` the code of the verdict'),
        why: text
          .nullable()
          .describe('what the collector found when it quarantined the LCU; null of any other condition, and where a person did'),
        hint: text.describe('what to do; `LCU` stands for its name'),
      }),
    )
    .describe('what is wrong with it, the gravest first'),
  verdict: z
    .strictObject({
      code: verdict.describe('what it gave'),
      at: time.describe('when'),
      since: time.describe('since when it is up, or down for whatever reasons'),
    })
    .nullable()
    .describe('of the last poll or round; null before the first, and out of service'),
  late: flag.describe('whether its last verified answer is older than two rounds'),
  lastAnswer,
  newestSample: z
    .strictObject({
      at: time.nullable().describe('when it was taken; null when the clock of the collector went back since'),
      ageSeconds: count.nullable().describe('how long ago'),
      stale: flag.describe('whether that is more than two rounds and the shortest period of its analysers'),
      status: wordOf(SAMPLE_STATUS).describe('how it went'),
    })
    .nullable()
    .describe('the newest sample of any analyser that counts'),
  clock: z
    .strictObject({
      quality: wordOf(CLOCK_QUALITY).nullable().describe('what its wall clock rests on'),
      aheadSeconds: z.int().meta({ kind: 'whole number' }).describe('how far it is before that of the collector'),
    })
    .nullable()
    .describe('its wall clock at the last answer'),
  code: codeMark,
  platform: platformMark,
  agentVersion: text.nullable().describe('as its start entry says'),
  backlog: count.nullable().describe('entries that no acknowledgement covers'),
  journalBytes: count.nullable().describe('size of its journal'),
  agentUptimeSeconds: count.nullable().describe('how long its agent runs'),
  storage: storage.describe('the volume of its state, as it told'),
  uptime24h: z.strictObject(rounds).describe('rounds of the last 24 hours'),
});

/** `status` and `watch` of the collector. */
export const fleetStatus = z.strictObject({
  at: time.describe('when it was put together'),
  collector: z
    .strictObject({
      collectorId: text.describe('its name'),
      version: text.describe('of the program that prints this'),
      running: flag.describe('whether it runs'),
      connectedCount: count.nullable().describe('LCUs that hold a connection; null when it is stopped or does not answer'),
      notStored: problem
        .nullable()
        .describe(
          'why nothing that LCUs answer can be stored now, such as a full disk; null while it can, and when it is stopped',
        ),
      lastPollAt: time.nullable().describe('when any LCU was polled last'),
    })
    .describe('the collector'),
  summary: z
    .strictObject({
      lcuCount: count.describe('LCUs; the six states add up to it'),
      active: count.describe('in this state'),
      quarantined: count.describe('in this state'),
      pending: count.describe('in this state'),
      invited: count.describe('in this state'),
      revoked: count.describe('in this state'),
      retired: count.describe('in this state'),
      down: count.describe('of this level'),
      late: count.describe('late; one that is down may be late as well'),
      attention: count.describe('of this level'),
      well: count.describe('of this level'),
    })
    .describe('how many are how'),
  troubles: z.array(problem).describe('what could not be read: what it would tell is missing'),
  configuration: z
    .strictObject({
      sequence: count.describe('its number'),
      state: word('waits', 'on-trial').describe('whether it waits for the LCU, or is on trial there'),
      since: time.describe('when it was ordered'),
      ...openTrial,
    })
    .nullable()
    .describe('of `status LCU`: a configuration that was pushed and did not end yet; null else'),
  lcus: z.array(row).describe('every LCU, or the one that was named; the worst first'),
});

/** `watch`, a look that failed. */
export const failedLook = z.strictObject({ error: problem.describe('why there is no status; the next look is tried') });
