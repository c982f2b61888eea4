import { z } from 'zod';
import { count, hex, month, number, text, time, word } from './kinds.js';

/** `ledger export`. */
export const exported = z.strictObject({
  path: text.describe('the file, as it was named'),
  lcuId: text.describe('whose answers'),
  answers: count.describe('answers of the span'),
  forkedEpochs: z.array(hex(8)).describe('epochs about which answers in it disagree'),
  unseen: z.array(text).describe('what was not looked at for what contradicts it, in words'),
  bytes: count.describe('size of the file'),
  rootKey: hex(32).describe('the root key that proves it'),
});

/** What a proof found. */
const findings = z.array(
  z.strictObject({
    kind: word('damaged', 'gone', 'owed').describe('which of these'),
    what: text.describe('what does not agree, or is missing'),
    month: month.nullable().describe('the file; null where there is none'),
    lcuId: text.nullable().describe('the LCU, or its number in the ledger where the fleet does not know it'),
    epoch: hex(8).nullable().describe('the epoch'),
    branch: count.nullable().describe('chain of the epoch'),
    fromN: count.nullable().describe('first entry that it is about'),
    toN: count.nullable().describe('last entry'),
    answerKey: number.nullable().describe('key of the row in the file'),
    receivedAt: time.nullable().describe('when that row was received'),
  }),
);

/** `ledger verify`. */
export const verified = z.strictObject({
  answers: count.describe('answers that were proven again'),
  entries: count.describe('entries in those that agree'),
  months: z.array(month).describe('files that were looked at'),
  awayMonths: z.array(month).describe('sealed months that are not here and need not be'),
  damaged: count.describe('what does not agree'),
  gone: count.describe('what was here and is not'),
  owed: count.describe('stretches that an LCU made and never delivered'),
  tookSeconds: number.describe('how long it took'),
  answersPerSecond: count.describe('how fast'),
  newestSeal: hex(32).nullable().describe('hash of the newest seal; null while no month is closed'),
  findings: findings.describe('what was found, the first 200 of each kind'),
});

const part = word('proof', 'state', 'aggregates');

/** `ledger rebuild`: the ledger, before anything is made of it. */
export const provenBefore = z.strictObject({
  part: part.describe('the ledger'),
  answers: count.describe('answers that were looked at'),
  leftOut: count.describe('answers that do not agree: nothing is made of these'),
  damaged: count.describe('what does not agree'),
  gone: count.describe('what was here and is not'),
  tookSeconds: number.describe('how long it took'),
  findings: findings.describe('what does not agree or is gone, the first 200 of each kind'),
});

/** `ledger rebuild`, of one part. */
export const rebuilt = z.strictObject({
  part: part.describe('what was made anew'),
  answers: count.describe('answers that it was made from'),
  tookSeconds: number.describe('how long it took'),
});
