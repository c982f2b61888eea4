import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { nodeVerify } from '@farola/agent/trust/node-verify.js';
import { threadSigner } from '@farola/agent/trust/thread-signer.js';
import { fromHex, kidOf, toHex } from '@farola/shared';
import test from 'ava';
import { RFC_8032 } from '../../fakes/rfc8032.js';
import { newTestSigner } from '../../fakes/test-signer.js';

for (const [index, [seed, publicKey, message, signature]] of RFC_8032.entries()) {
  test(`signs and verifies vector ${index + 1} of RFC 8032`, async (t) => {
    const signer = await threadSigner(fromHex(seed));
    t.is(toHex(signer.publicKey), publicKey);
    t.deepEqual(signer.kid, kidOf(signer.publicKey));
    t.is(toHex(await signer.sign(fromHex(message))), signature);
    t.true(nodeVerify()(signer.publicKey, fromHex(message), fromHex(signature)));
  });
}

test('a seed of another length is a mistake of the programmer', async (t) => {
  for (const length of [0, 31, 33, 64]) {
    await t.throwsAsync(threadSigner(new Uint8Array(length)), { instanceOf: RangeError });
  }
});

test('signatures come in the order in which they are asked for, and no more than 64 wait', async (t) => {
  const seed = new Uint8Array(32).fill(3);
  const signer = await threadSigner(seed);
  const expected = newTestSigner(seed);
  const messages = Array.from({ length: 65 }, (_, i) => Uint8Array.of(i));
  const given: number[] = [];
  const outcomes = await Promise.allSettled(
    messages.map(async (message) => {
      const signature = await signer.sign(message);
      given.push(message[0]!);
      return toHex(signature) === toHex(expected.sign(message));
    }),
  );
  t.deepEqual(given, [...messages.keys()].slice(0, 64));
  t.true(outcomes.slice(0, 64).every((outcome) => outcome.status === 'fulfilled' && outcome.value));
  t.like(outcomes[64], { status: 'rejected', reason: { code: 'internal' } });
  t.is((await signer.sign(Uint8Array.of(1))).length, 64, 'and then it signs again');
});

test.serial('one thread serves whoever waits, beside the loop, and ends when nobody does', async (t) => {
  const signer = await threadSigner(new Uint8Array(32).fill(4));
  const ends: Promise<unknown>[] = [];
  const onWorker = (worker: Worker): void => void ends.push(once(worker, 'exit'));
  process.on('worker', onWorker);
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  t.teardown(() => {
    clearInterval(turning);
    process.off('worker', onWorker);
  });
  await Promise.all(Array.from({ length: 20 }, () => signer.sign(new Uint8Array(300))));
  t.is(ends.length, 1);
  t.true(turns > 3, `${turns} turns`);
  await Promise.all(ends);
  await signer.sign(new Uint8Array(300));
  t.is(ends.length, 2);
  await Promise.all(ends);
});
