import { isLaterPlatform, platformFact } from '@farola/collector/fleet/platform-fact.js';
import type { PlatformFact } from '@farola/collector/fleet/derived-state.js';
import { type Cbor, decodeEntry, encodeEntry, type EventCode, type KnownEntry } from '@farola/shared';
import fc from 'fast-check';
import test from 'ava';
import { sample, start } from '../../fakes/test-chain.js';

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const epoch = (byte: number): Uint8Array => new Uint8Array(8).fill(byte);
const event = (code: EventCode, facts: readonly Cbor[]): KnownEntry => {
  return { kind: 'event', at: { monoMs: 5, wallMs: 0, quality: 'none' }, code, facts };
};

/** What the entry tells, in an answer whose open epochs are those. */
function told(entry: KnownEntry, open: readonly number[] = [1]): PlatformFact | undefined {
  const openEpochs = open.map((byte): [Uint8Array, number, number] => [epoch(byte), 1, 9]);
  return platformFact(
    { lcuNo: 3, receivedAtMs: 70, n: 2, epoch: epoch(1), answer: { openEpochs } },
    decodeEntry(encodeEntry(entry)),
  );
}

test('the events of the platform tell its hash, a start entry that it is not known yet', (t) => {
  const fact = { lcuNo: 3, epoch: epoch(1), n: 2, receivedAtMs: 70 };
  t.deepEqual(told(event('platform-measured', [hash(7), 22])), { ...fact, hash: hash(7) });
  t.deepEqual(told(event('platform-changed', [hash(7), hash(8), 1, ['content /bin/sh']])), { ...fact, hash: hash(8) });
  t.deepEqual(told(event('platform-changed', [hash(7), null, 1, ['EACCES']])), { ...fact, hash: null });
  t.deepEqual(told(start(new Uint8Array(16), [])), { ...fact, hash: null });
});

test('other entries, and events of another shape, tell nothing', (t) => {
  const shapes = [event('stop', []), event('code-changed', [hash(1), hash(2), 0, []]), sample(0, 5)];
  const odd = [[], [hash(7).subarray(1), 22], ['x', 22], [22, hash(7)]].map((facts) => event('platform-measured', facts));
  for (const entry of [...shapes, ...odd]) t.is(told(entry), undefined);
});

test('what is told of an epoch that was over when the LCU answered is history', (t) => {
  const entry = event('platform-measured', [hash(7), 22]);
  t.is(told(entry, [1, 2]), undefined);
  t.is(told(entry, []), undefined);
  t.deepEqual(told(entry, [2, 1])?.hash, hash(7));
});

test('what was told last is the same in any order', (t) => {
  const facts = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 })), { minLength: 1, selector: String })
    .map((pairs) =>
      pairs.map(([of, n]): PlatformFact => {
        return { lcuNo: 0, epoch: epoch(of), n, hash: hash(n), receivedAtMs: of * 1000 + n };
      }),
    );
  const last = (all: readonly PlatformFact[]): PlatformFact =>
    all.reduce((kept, one) => (isLaterPlatform(one, kept) ? one : kept));
  fc.assert(
    fc.property(
      facts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        t.deepEqual(last(shuffled), last(all));
      },
    ),
  );
});
