import { receiveKeys } from '@farola/agent/link/fetch-keys.js';
import { type ErrorCode, encodeFrame, KINDS, refuse } from '@farola/shared';
import test from 'ava';
import { FakeTime, settle } from '../../fakes/fake-time.js';
import { COLLECTOR_ID, LCU_ID, LCU_KEY } from '../../fakes/link-bench.js';
import { RecordedChannel } from '../../fakes/recorded-channel.js';
import { asyncSigner } from '../../fakes/test-signer.js';

/** One connection for keys, to an LCU that signs or does not. */
function receiving(mayAnswer: boolean) {
  const channel = new RecordedChannel();
  const refused: ErrorCode[] = [];
  const taken: Uint8Array[] = [];
  const named = { version: 1, issuedAt: 0, collectorId: COLLECTOR_ID, sequence: 1 };
  const keys = { ...named, rootKey: new Uint8Array(32), pollKeys: [], commandKeys: [], pins: [] };
  const events = receiveKeys(channel, {
    lcuId: LCU_ID,
    signer: asyncSigner(LCU_KEY),
    trusted: {
      keys,
      hash: new Uint8Array(32),
      take(signed) {
        taken.push(signed);
        return Promise.resolve({ ok: true, value: keys });
      },
    },
    timers: new FakeTime(),
    refused: ({ code }) => void refused.push(code),
    mayAnswer: () =>
      mayAnswer ? { ok: true, value: undefined } : refuse('hellos-too-fast', { address: 'x', most: 1, seconds: 1 }),
  });
  return { channel, events, refused, taken };
}

const STATEMENT = encodeFrame(KINDS.keys.number, new Uint8Array(3));

test('a keys statement is taken and answered, and the connection is over', async (t) => {
  const { channel, events, refused, taken } = receiving(true);
  events.message(STATEMENT);
  await settle();
  t.deepEqual([taken.length, channel.sent.length, channel.closed?.code, refused], [1, 1, 1000, []]);
});

test('a keys statement that comes too often is neither looked at nor answered', async (t) => {
  const { channel, events, refused, taken } = receiving(false);
  events.message(STATEMENT);
  await settle();
  t.deepEqual([taken.length, channel.sent.length, channel.closed?.reason], [0, 0, 'hellos-too-fast']);
  t.deepEqual(refused, ['hellos-too-fast']);
});

test('a message that is no keys statement uses nothing up', async (t) => {
  const { channel, events, refused } = receiving(false);
  events.message(encodeFrame(KINDS.poll.number, new Uint8Array(3)));
  await settle();
  t.deepEqual([channel.closed?.reason, refused], ['frame-kind-unexpected', ['frame-kind-unexpected']]);
});
