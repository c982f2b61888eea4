import test from 'ava';
import { verifyChallenge } from '@farola/agent/link/verify-challenge.js';
import type { Selection } from '@farola/agent/journal/journal.js';
import { Connection } from '@farola/agent/link/connection.js';
import { signedOfKind } from '@farola/agent/link/signed-of-kind.js';
import { encodeFrame, type EnrolmentToken, ENROL_CHALLENGE, KINDS, signMessage } from '@farola/shared';
import { COLLECTOR_ID, connectionDeps, helloFrame, LCU_ID, pollFrame, RecordedLog } from '../../fakes/link-bench.js';
import { RecordedChannel } from '../../fakes/recorded-channel.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testIdentity } from '../../fakes/test-collector.js';
import { asyncSigner, testSigner } from '../../fakes/test-signer.js';
import { campaign, FRAMES, verdictOn } from './campaign.js';
import { mutateFrame } from './mutate-frame.js';

const EPOCH = new Uint8Array(8).fill(9);
const EMPTY: Selection = { epoch: EPOCH, from: 1, to: 0, prev: new Uint8Array(32), head: new Uint8Array(32), entries: [] };
const LCU_NONCE = new Uint8Array(16).fill(6);
const SIGNER = testSigner(1);

/** An LCU's end of a connection, over a journal that is never asked in vain. */
function connected() {
  const told = { greeted: 0, answered: 0 };
  const log = new RecordedLog();
  const channel = new RecordedChannel();
  const journal = {
    epoch: EPOCH,
    select: () => EMPTY,
    openEpochs: () => [],
    gaps: () => [],
    applyAcks: () => [],
  };
  const deps = {
    ...connectionDeps(journal as never, log),
    verify: sodiumVerify,
    random: { bytes: () => LCU_NONCE },
    signer: asyncSigner({ ...SIGNER, sign: () => new Uint8Array(64) }),
  };
  const connection = new Connection(channel, deps, { greeted: () => told.greeted++, answered: () => told.answered++ });
  return { connection, channel, log, told };
}

const HELLO = helloFrame();
const POLL = pollFrame(LCU_NONCE, EPOCH, { pollId: 1, acks: [[EPOCH, 4, new Uint8Array(32).fill(3)]] });

/** What an LCU makes of its first message: undefined when it answers. */
async function receiveHello(frame: Uint8Array): Promise<string | undefined> {
  const { connection, channel, told } = connected();
  await connection.receive(frame);
  return told.greeted > 0 || channel.sent.length > 0 ? undefined : (channel.closed?.reason ?? 'open');
}

/** What an LCU that was greeted makes of a message: undefined when it answers. */
async function receivePoll(frame: Uint8Array): Promise<string | undefined> {
  const { connection, channel, log, told } = connected();
  await connection.receive(HELLO);
  await connection.receive(frame);
  return told.answered > 0 || channel.sent.length > 1 ? undefined : (log.codes.at(-1) ?? 'silent');
}

const IDENTITY = testIdentity();
const TOKEN: EnrolmentToken = {
  lcuId: LCU_ID,
  collectorId: COLLECTOR_ID,
  address: 'wss://127.0.0.1:1',
  rootKey: IDENTITY.rootKey,
  pin: IDENTITY.pin,
  secret: new Uint8Array(16),
  expiresAt: 0,
};

function challengeFrame(fill: number, collectorId = COLLECTOR_ID): Uint8Array {
  const message = { version: 1, collectorId, nonce: new Uint8Array(16).fill(fill), keys: IDENTITY.keys[0]! };
  return encodeFrame(KINDS.enrolChallenge.number, signMessage(ENROL_CHALLENGE, message, IDENTITY.pollSigner));
}

/** What an LCU that enrols makes of the challenge. */
function receiveChallenge(bytes: Uint8Array): string | undefined {
  const signed = signedOfKind('enrolChallenge', bytes);
  if (!signed.ok) return signed.code;
  const judged = verifyChallenge(signed.value, TOKEN, sodiumVerify);
  return judged.ok ? undefined : judged.code;
}

for (const [what, receive, good, others, share] of [
  ['hello', receiveHello, HELLO, [POLL, helloFrame({ collectorId: 'granada' })], 0.06],
  ['poll', receivePoll, POLL, [HELLO, pollFrame(new Uint8Array(16), EPOCH, { pollId: 2 })], 0.08],
  ['enrolment challenge', receiveChallenge, challengeFrame(1), [HELLO, challengeFrame(2, 'granada')], 0.06],
] as const) {
  test(`the ${what} that is mutated is good`, async (t) => {
    t.is(await receive(good), undefined);
  });

  test(`no mutant of the ${what} is accepted by an LCU, and none throws or hangs`, async (t) => {
    await campaign(t, FRAMES * share, async (dice) => {
      const mutant = mutateFrame(good, dice, dice.pick(others));
      return verdictOn(mutant, good, await receive(mutant));
    });
  });
}
