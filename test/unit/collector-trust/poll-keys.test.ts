import { pollKeysOf } from '@farola/collector/trust/poll-keys.js';
import { KEYS, type Signer, signMessage } from '@farola/shared';
import test from 'ava';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const [ROOT, THIEF, A, B, C] = [1, 2, 3, 4, 5].map(testSigner) as [Signer, Signer, Signer, Signer, Signer];
const { publicKey: rootKey } = ROOT;

function statement(sequence: number, polls: readonly Signer[], by = ROOT): Uint8Array {
  const pollKeys = polls.map(({ publicKey }) => publicKey);
  const rest = { commandKeys: [C.publicKey], pins: [new Uint8Array(32)], issuedAt: 0 };
  return signMessage(KEYS, { version: 1, collectorId: 'malaga', sequence, rootKey, pollKeys, ...rest }, by);
}

test('every poll key of every statement counts, those of an overlap both', (t) => {
  const keys = [statement(1, [A]), statement(2, [A, B]), statement(3, [B])];
  t.deepEqual(pollKeysOf({ rootKey, keys }, sodiumVerify), [A.publicKey, A.publicKey, B.publicKey, B.publicKey]);
  t.deepEqual(pollKeysOf({ rootKey, keys: [] }, sodiumVerify), []);
});

for (const [what, bad] of [
  ['of another root key', statement(2, [B], THIEF)],
  ['with a byte changed', statement(2, [B]).map((byte, i) => (i === 100 ? byte ^ 1 : byte))],
  ['that is none', new Uint8Array(3)],
] as const) {
  test(`one statement ${what} makes all untrusted, wherever it stands`, (t) => {
    for (const keys of [[bad], [statement(1, [A]), bad], [bad, statement(1, [A])]]) {
      t.throws(() => pollKeysOf({ rootKey, keys }, sodiumVerify), { code: 'keys-untrusted' });
    }
  });
}
