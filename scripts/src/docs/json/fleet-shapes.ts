import { z } from 'zod';
import { count, errorCode, flag, judgedConfig, hex, path, text, time, verdict, word } from './kinds.js';
import { assurance, codeMark, lastAnswer, lcuState, openTrial, platformMark } from './status-shapes.js';

/** `init` of the collector. */
export const collectorInit = z.strictObject({
  collectorId: text.describe('its name'),
  configPath: path.describe('the configuration'),
  keysDir: path.describe('folder of the keys'),
  rootKeyPath: path.describe('the root key, to be moved offline'),
});

/** `config check` of the collector. */
export const collectorConfigCheck = z.strictObject({
  ...judgedConfig,
  collectorId: text.nullable().describe('its name; null where the configuration is not good'),
  address: text.nullable().describe('where LCUs dial, `wss://host:port`'),
  pollSeconds: count.nullable().describe('length of a round'),
});

/** `lcu add`. */
export const added = z.strictObject({
  lcuId: text.describe('its name'),
  panel: text.describe('the panel that it is in'),
  token: text.describe('works once: for the technician, by a private way'),
  expiresAt: time.describe('until when'),
});

const decision = z.strictObject({
  decision: word('quarantined', 'released', 'revoked', 'retired').describe('what was decided'),
  at: time.describe('when'),
  reason: text.describe('why'),
  by: text.describe('who decided, a person or `collector`'),
});

const lcu = {
  lcuId: text.describe('its name'),
  panel: text.describe('the panel that it is in'),
  state: lcuState.describe('where it [stands](operations.md#states)'),
  assurance: assurance.describe('how far it is trusted'),
  addedAt: time.describe('when it was added'),
  publicKey: hex(32).nullable().describe('its present or last key; null until it has enrolled'),
  standing: decision.nullable().describe('the last decision since its key was approved'),
  lastAnswer,
  lastPoll: z
    .strictObject({ at: time.describe('when it ended'), code: verdict.describe('what it gave') })
    .nullable()
    .describe('the last poll; null before the first'),
  answersVerified: count.describe('polls that gave a verified answer'),
  answersRefused: count.describe('polls that did not: refused, late or missing'),
  entriesStored: count.describe('entries of it in the ledger'),
  backlog: count.nullable().describe('entries that no acknowledgement covered at its last answer'),
  code: codeMark,
  platform: platformMark,
};

const span = { from: time.describe('since when'), to: time.nullable().describe('until when; null: still') };

/** `lcu list`. */
export const listedLcu = z.strictObject(lcu);

/** `lcu show`. */
export const shownLcu = z.strictObject({
  ...lcu,
  words: z.array(text).length(6).nullable().describe('the six words that operator and technician compare; null until a key came'),
  keys: z
    .array(z.strictObject({ publicKey: hex(32).describe('a key'), ...span }))
    .describe('its keys, and when they were in force'),
  decisions: z.array(decision).describe('all that was decided of it, in its order'),
  panels: z.array(z.strictObject({ panel: text.describe('a panel'), ...span })).describe('the panels that it was in'),
  meters: z
    .array(
      z.strictObject({
        point: text.describe('measuring point, `panel/analyser`'),
        analyserId: text.describe('id of the analyser there'),
        profileId: text.describe('register map that it is read by'),
        profileOrigin: word('shipped', 'own').describe('whose that is'),
        serialNumber: text.nullable().describe('of the meter'),
        ...span,
      }),
    )
    .describe('the meters that it read'),
});

/** `lcu approve`, `quarantine`, `revoke`, `retire`. */
export const decided = z.strictObject({
  lcuId: text.describe('its name'),
  state: lcuState.describe('where it stands now'),
});

/** `lcu release`. */
export const released = z.strictObject({
  lcuId: text.describe('its name'),
  state: lcuState.describe('where it stands now'),
  countsAfterRestart: z.literal(true).describe('what it measures counts from the next start of its agent on'),
});

/** `lcu config push`. */
export const pushed = z.strictObject({
  lcuId: text.describe('its name'),
  sequence: count.describe('number of the command'),
  replacedSequence: count.nullable().describe('number of the one that waited and is replaced'),
  outcome: word('ok').nullable().describe('`ok` when the LCU took it within `--wait`; null while it waits'),
  trialSeconds: count
    .nullable()
    .describe('how long the LCU tries it, seconds; null while it waits, and where its agent is too old to tell'),
});

/** `lcu config show`. */
export const shownConfig = z.strictObject({
  lcuId: text.describe('its name'),
  sequence: count.describe('number of the command'),
  by: text.describe('who sent it'),
  reason: text.describe('why'),
  orderedAt: time.describe('when'),
  validUntil: time.describe('until when it waits for the LCU'),
  answeredAt: time.nullable().describe('when the LCU answered'),
  outcome: z
    .union([word('ok', 'replaced'), errorCode])
    .meta({ kind: '`ok`, `replaced` or code', href: 'errors.md' })
    .nullable()
    .describe('what became of it; null while it waits'),
  detail: text.nullable().describe('what the LCU said with it'),
  trial: z
    .strictObject({
      state: word('kept', 'rolled-back').describe('how it ended'),
      reason: text.nullable().describe('why it was rolled back'),
    })
    .nullable()
    .describe('how its trial on the LCU ended, as far as it told'),
  ...openTrial,
  text: text.describe('the fields that were sent, YAML'),
});

/** `panel set`. */
export const panelZone = z.strictObject({
  panel: text.describe('the panel'),
  timeZone: text.describe('where its days begin'),
  ownTimeZone: flag.describe('whether that is set for it; else it is that of the configuration'),
});

/** `panel list`. */
export const listedPanel = panelZone.extend({
  addedAt: time.describe('when it was first named'),
  lcuIds: z.array(text).describe('the LCUs in it'),
});

/** `poll`. */
export const polled = z.strictObject({
  lcuId: text.describe('its name'),
  entriesStored: count.describe('new entries'),
  backlog: count.nullable().describe('entries that still wait there; null when the connection ended meanwhile'),
});
