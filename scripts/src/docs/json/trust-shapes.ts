import { z } from 'zod';
import { count, errorCode, flag, hex, mark, path, text, time, word } from './kinds.js';

const keyName = word('poll', 'command', 'tls');

const release = {
  codeHash: hex(32).describe('the code'),
  product: text.describe('what it is of'),
  version: text.describe('its version'),
  sequence: count.describe('number of the statement on this code'),
  mark: word('approved', 'revoked').describe('what it says'),
  expiresAt: time.describe('until when it approves'),
};

/** `release add`. */
export const addedRelease = z.strictObject(release);

/** `release sign`. */
export const signedRelease = z.strictObject({
  path: text.describe('the file that was written, as it was named'),
  signatures: count.describe('signatures in it'),
  ...release,
});

/** `release list`. */
export const listedRelease = z.strictObject({
  codeHash: hex(32).describe('the code'),
  product: text.nullable().describe('what it is of; null of code that was revoked by its hash, as all up to `sequence`'),
  version: text.nullable().describe('its version'),
  sequence: count.nullable().describe('number of the statement'),
  mark: mark.describe('what counts now'),
  reason: text.nullable().describe('why it is revoked, or does not approve'),
  expiresAt: time.nullable().describe('until when it approves'),
  lcuCount: count.describe('LCUs that ran it at their last verified answer'),
});

/** `release revoke`. */
export const revokedRelease = z.strictObject({
  codeHashes: z.array(hex(32)).describe('the codes that were meant'),
  mark: z.literal('revoked').describe('for ever'),
  reason: text.describe('why'),
  lcuCount: count.describe('LCUs that ran any of them at their last verified answer'),
});

/** `release key`. */
export const releaseKey = z.strictObject({
  path: text.describe('file of the private key, as it was named'),
  publicKey: hex(32).describe('public key, for `releases.keys`'),
});

/** `platform list`. */
export const listedPlatform = z.strictObject({
  platformHash: hex(32).describe('the platform'),
  mark: word('approved', 'unknown', 'revoked').describe('what was judged last'),
  reason: text.nullable().describe('what was said'),
  by: text.nullable().describe('who judged'),
  judgedAt: time.nullable().describe('when; null: nobody did'),
  lcuCount: count.describe('LCUs that told it last'),
});

/** `platform add` and `platform revoke`. */
export const judgedPlatform = z.strictObject({
  platformHash: hex(32).describe('the platform'),
  mark: word('approved', 'revoked').describe('what is judged of it now'),
  reason: text.describe('what was said'),
  by: text.describe('who judged'),
  lcuCount: count.describe('LCUs that told it last'),
});

/** `keys list`. */
export const keyList = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        keyName: keyName.describe('what it is for'),
        state: word('next', 'current', 'retiring', 'gone').describe('where it stands, see [keys](keys.md)'),
        fingerprint: hex(8).describe('begin of the SHA-256 of the public key'),
        since: time.describe('when it was first stated'),
      }),
    )
    .describe('every key that a statement listed, those in use first'),
  statement: z
    .strictObject({
      sequence: count.describe('its number'),
      issuedAt: time.describe('when it was signed'),
      takenLcuIds: z.array(text).describe('LCUs in use that go by it'),
      missingLcuIds: z.array(text).describe('LCUs in use that do not yet'),
      aheadLcuIds: z.array(text).describe('LCUs that go by one that is not known here'),
    })
    .describe('the newest keys statement'),
  rotation: z
    .strictObject({
      keyNames: z.array(keyName).describe('what is replaced'),
      until: time.describe('when the new keys alone are used at the latest'),
    })
    .nullable()
    .describe('the rotation that is open'),
});

/** `keys rotate`. */
export const rotation = z.strictObject({
  sequence: count.describe('number of the new statement'),
  keyNames: z.array(keyName).describe('what is replaced'),
  until: time.nullable().describe('when the new keys alone are used at the latest; null with `--at-once`'),
});

/** `keys rotate --switch`. */
export const keySwitch = z.strictObject({
  sequence: count.describe('number of the new statement'),
  missingLcuIds: z.array(text).describe('LCUs that have yet to fetch the new keys'),
});

/** `keys backup`. */
export const backup = z.strictObject({
  path: text.describe('the encrypted file, as it was named'),
  collectorId: text.describe('whose it is'),
  bytes: count.describe('its size'),
  withRoot: flag.describe('whether the root key is in it'),
  lacks: z
    .array(
      z.strictObject({
        file: text.describe('name in the backup'),
        included: flag.describe('whether it is in the backup all the same, as damaged as it is'),
        code: errorCode.describe('what is wrong with it'),
      }),
    )
    .describe('what was damaged; empty when nothing was'),
});

/** `keys restore`. */
export const restored = z.strictObject({
  collectorId: text.describe('who is restored'),
  lcuCount: count.describe('LCUs in its fleet'),
  configPath: path.describe('the configuration'),
  stateDir: path.describe('folder of keys, fleet and ledger'),
  missingMonths: z.array(text).describe('months that answers are known of, and whose files of the ledger a backup does not hold'),
});
