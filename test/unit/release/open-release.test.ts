import { cutRelease, openRelease, readRelease } from '@farola/collector/trust/open-release.js';
import { encodeItems, KEYS, RELEASE, signMessage } from '@farola/shared';
import fc from 'fast-check';
import test from 'ava';
import { releaseFile, RELEASE_KEYS, testRelease } from '../../fakes/test-release.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';
import { runs } from '../shared/runs.js';

const [A, B, C] = RELEASE_KEYS;
const trust = (threshold: number, ...signers: { publicKey: Uint8Array }[]) => {
  return { threshold, keys: signers.map(({ publicKey }) => publicKey) };
};

function verdict(file: Uint8Array, of: ReturnType<typeof trust>): string {
  const opened = openRelease(file, of, sodiumVerify);
  return opened.ok ? 'ok' : opened.code;
}

test('a release opens when enough of the trusted keys signed it', (t) => {
  const opened = openRelease(releaseFile({}, [A, B]), trust(2, C, B, A), sodiumVerify);
  t.deepEqual(opened, { ok: true, value: testRelease() });
  t.is(verdict(releaseFile({}, [A, B, testSigner(9)]), trust(2, A, B)), 'ok', 'another signature does no harm');
});

test('F66: too few signatures, foreign ones, and one key twice do not open it', (t) => {
  t.deepEqual(openRelease(releaseFile({}, [A]), trust(2, A, B), sodiumVerify), {
    ok: false,
    code: 'release-untrusted',
    facts: { signatures: 1, threshold: 2 },
  });
  t.is(verdict(releaseFile({}, [A, A]), trust(2, A, B)), 'release-untrusted');
  t.is(verdict(releaseFile({}, [C]), trust(1, A, B)), 'release-untrusted');
  t.is(verdict(releaseFile({}, [A]), trust(1)), 'release-untrusted');
});

test('a signature that does not verify refuses the file, even where others would do', (t) => {
  const signed = signMessage(RELEASE, testRelease(), A);
  signed[signed.length - 10]! ^= 1;
  t.is(verdict(encodeItems([signed, signMessage(RELEASE, testRelease(), B)]), trust(1, A, B)), 'signature-invalid');
});

test('signatures over different statements are no release', (t) => {
  const two = [signMessage(RELEASE, testRelease(), A), signMessage(RELEASE, testRelease({ sequence: 2 }), B)];
  t.is(verdict(encodeItems(two), trust(1, A)), 'release-malformed');
});

test('a signature of another kind is none of a release', (t) => {
  const keys = [A.publicKey];
  const statement = { version: 1, collectorId: 'x', sequence: 1, issuedAt: 0, rootKey: A.publicKey };
  const signed = signMessage(KEYS, { ...statement, pollKeys: keys, commandKeys: keys, pins: keys }, A);
  t.is(verdict(encodeItems([signed]), trust(1, A)), 'release-untrusted');
});

test('what is no release file is told as such', (t) => {
  const many = Array.from({ length: 17 }, () => signMessage(RELEASE, testRelease(), A));
  for (const file of [
    new Uint8Array(),
    Uint8Array.of(0x80),
    encodeItems([Uint8Array.of(1)]),
    encodeItems(many),
    Buffer.from('hello'),
  ]) {
    t.is(verdict(file, trust(1, A)), 'release-malformed');
    t.false(readRelease(file).ok);
  }
  t.is(verdict(releaseFile({ sequence: 0 }), trust(1, A)), 'message-invalid');
  t.is(verdict(releaseFile({ releaseState: 3 as never }), trust(1, A)), 'message-invalid');
});

test('no change of any byte of a release opens', (t) => {
  const file = releaseFile({}, [A]);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = new Uint8Array(file);
      changed[at]! ^= by;
      t.not(verdict(changed, trust(1, A)), 'ok');
    }),
    runs(200),
  );
  t.true(cutRelease(file).ok);
});
