import { ReleaseBook } from '@farola/collector/fleet/release-book.js';
import { checkAddable, isRevocation, reasonOf } from '@farola/collector/fleet/release-rules.js';
import type { StoredRelease } from '@farola/collector/fleet/releases.js';
import { openRelease } from '@farola/collector/trust/open-release.js';
import { codeOf, type ErrorCode, type Release, RELEASE_STATE, sha256 } from '@farola/shared';
import test from 'ava';
import { CODE, EXPIRES_AT_MS, ISSUED_AT_MS, RELEASE_KEYS, releaseFile, testRelease } from '../../fakes/test-release.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';

const OTHER = sha256(CODE);

function stored(change: Partial<StoredRelease> = {}): StoredRelease {
  return { codeHash: CODE, file: releaseFile(), addedAtMs: ISSUED_AT_MS, revoked: null, ...change };
}

function book(entries: readonly StoredRelease[], keys = [RELEASE_KEYS[0].publicKey]): ReleaseBook {
  return new ReleaseBook(entries, (file) => openRelease(file, { keys, threshold: 1 }, sodiumVerify));
}

test('F66: code is approved until its release expires, and unknown from then on', (t) => {
  const one = book([stored()]);
  t.deepEqual(one.mark(CODE, ISSUED_AT_MS), { mark: 'approved', name: '@farola/agent 0.1.0' });
  t.is(one.mark(CODE, EXPIRES_AT_MS - 1).mark, 'approved');
  const late = { mark: 'unknown', name: '@farola/agent 0.1.0', reason: 'its release expired on 2027-11-22' } as const;
  t.deepEqual(one.mark(CODE, EXPIRES_AT_MS), late);
  t.is(one.revoked(CODE), undefined);
});

test('code that nobody spoke of is unknown, code that was not measured is unmeasured', (t) => {
  t.deepEqual(book([stored()]).mark(OTHER, ISSUED_AT_MS), { mark: 'unknown' });
  t.deepEqual(book([]).mark(null, ISSUED_AT_MS), { mark: 'unmeasured' });
});

test('F66: a release whose key is trusted no more approves nothing, and revokes still what was revoked here', (t) => {
  const revoked = { atMs: 1, reason: 'a hole' };
  const foreign = [RELEASE_KEYS[2].publicKey];
  t.like(book([stored()], foreign).mark(CODE, ISSUED_AT_MS), {
    mark: 'unknown',
    reason: 'its release is not trusted: release-untrusted',
  });
  t.deepEqual(book([stored({ revoked })], foreign).revoked(CODE), { name: '@farola/agent 0.1.0', reason: 'a hole' });
});

test('a file that revokes does so whoever is trusted later', (t) => {
  const file = releaseFile({ releaseState: RELEASE_STATE.revoked, sequence: 4 });
  const foreign = book([stored({ file })], [RELEASE_KEYS[2].publicKey]);
  t.deepEqual(foreign.mark(CODE, ISSUED_AT_MS), {
    mark: 'revoked',
    name: '@farola/agent 0.1.0',
    reason: 'by its release keys, statement 4',
  });
  t.is(foreign.revoked(CODE)?.name, '@farola/agent 0.1.0');
});

test('F66: code is revoked by an operator, or by its release keys, and stays so when the release expires', (t) => {
  const here = book([stored({ revoked: { atMs: 1, reason: 'a hole' } })]);
  t.deepEqual(here.revoked(CODE), { name: '@farola/agent 0.1.0', reason: 'a hole' });
  const signed = book([stored({ file: releaseFile({ releaseState: RELEASE_STATE.revoked }) })]);
  t.deepEqual(signed.mark(CODE, EXPIRES_AT_MS + 1), {
    mark: 'revoked',
    name: '@farola/agent 0.1.0',
    reason: 'by its release keys, statement 1',
  });
  const alone = book([stored({ file: null, revoked: { atMs: 1, reason: 'seen in the wild' } })]);
  t.deepEqual(alone.mark(CODE, 0), { mark: 'revoked', reason: 'seen in the wild' });
});

test('a file that speaks of other code than it is stored under says nothing', (t) => {
  const swapped = book([stored({ codeHash: OTHER })]);
  t.is(swapped.mark(OTHER, ISSUED_AT_MS).mark, 'unknown');
  t.is(swapped.mark(CODE, ISSUED_AT_MS).mark, 'unknown');
});

test('hashes that begin alike are told apart', (t) => {
  const twins = Array.from({ length: 5 }, (_, i) => new Uint8Array(CODE).with(31, i));
  const reasons = twins.map((codeHash, i) => stored({ codeHash, file: null, revoked: { atMs: 0, reason: `${i}` } }));
  const one = book(reasons);
  t.deepEqual(
    twins.map((codeHash) => one.revoked(codeHash)?.reason),
    ['0', '1', '2', '3', '4'],
  );
  t.is(one.find(new Uint8Array(CODE).with(31, 99)), undefined);
});

const REVOKED = { releaseState: RELEASE_STATE.revoked };
const added: [string, 'ok' | ErrorCode, Partial<Release>, Partial<Release> | undefined, number?][] = [
  ['a first statement', 'ok', {}, undefined],
  ['a higher one', 'ok', { sequence: 2 }, {}],
  ['the same again', 'ok', {}, {}],
  ['a lower one', 'release-older', { sequence: 1 }, { sequence: 2 }],
  ['another with the same number', 'release-conflict', { productVersion: '0.2.0' }, {}],
  ['one that has expired', 'release-expired', {}, undefined, EXPIRES_AT_MS],
  ['one that expires now, over an older one', 'release-expired', { sequence: 2 }, {}, EXPIRES_AT_MS],
  ['a revocation that has expired', 'ok', REVOKED, undefined, EXPIRES_AT_MS],
  ['a revocation with a lower number', 'ok', { sequence: 1, ...REVOKED }, { sequence: 2 }],
  ['a revocation with the same number', 'ok', REVOKED, {}],
  ['a higher one over a revocation', 'release-revoked', { sequence: 2 }, REVOKED],
];

for (const [what, code, next, known, nowMs = ISSUED_AT_MS] of added) {
  test(`F66: ${what} is ${code === 'ok' ? 'taken' : `refused: ${code}`}`, (t) => {
    const before = known && testRelease(known);
    const revoked = before && isRevocation(before) ? reasonOf(before) : undefined;
    const add = (): void => checkAddable(testRelease(next), { release: before, revoked }, nowMs);
    if (code === 'ok') t.notThrows(add);
    else t.is(codeOf(t.throws(add)), code);
  });
}
