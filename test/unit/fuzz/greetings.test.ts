import test from 'ava';
import type { Enrolment } from '@farola/collector/fleet/fleet.js';
import { acceptEnrolment } from '@farola/collector/link/accept-enrolment.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import type { Greeted } from '@farola/collector/link/hello-exchange.js';
import {
  type Cbor,
  contentTypeOf,
  cutFrame,
  cutSigned,
  decodeCbor,
  encodeCbor,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  encodeFrame,
  HELLO_ANSWER,
  KINDS,
  parseMessage,
  type Random,
  sameBytes,
  seal,
  sha256,
  signMessage,
} from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testIdentity, testLcu } from '../../fakes/test-collector.js';
import { testSigner } from '../../fakes/test-signer.js';
import { campaign, FRAMES, verdictOn } from './campaign.js';
import { mutateFrame } from './mutate-frame.js';
import { mutateValue } from './mutate-value.js';

const IDENTITY = testIdentity();
const LCU = testLcu('active');
const LCU_KEY = testSigner(2);
/** The same nonce in every hello and challenge, so that one good answer is good on each new connection. */
const RANDOM: Random = { bytes: (length) => new Uint8Array(length).fill(6) };
const TIME = new FakeTime();
const COMMON = { identity: IDENTITY, verify: sodiumVerify, clock: TIME, timers: TIME, random: RANDOM };

/** Whether a new connection is greeted when this is its first message; the code that it was closed with otherwise. */
function greet(frame: Uint8Array): string | undefined {
  const channel = new MemoryChannel();
  const greeted: string[] = [];
  const fleet = { findByKid: (kid: Uint8Array) => (LCU.key && sameBytes(kid, LCU.key.kid) ? LCU : undefined) };
  const take = ({ lcu }: Greeted): (() => void) => {
    greeted.push(lcu.lcuId);
    return () => undefined;
  };
  acceptLcu(channel, { ...COMMON, fleet }, take, () => undefined);
  channel.deliver(frame);
  channel.close('open');
  return greeted.length > 0 ? undefined : channel.closedFor;
}

/** Whether a key is taken when this is the request; what came of it otherwise. */
function enrol(frame: Uint8Array): string | undefined {
  const channel = new MemoryChannel();
  const taken: string[] = [];
  let outcome = 'open';
  const fleet = {
    enrol({ lcuId }: Enrolment) {
      taken.push(lcuId);
      return LCU;
    },
  };
  acceptEnrolment(channel, { ...COMMON, fleet }, (ended) => (outcome = ended.outcome));
  channel.deliver(frame);
  channel.close('done');
  return taken.length > 0 ? undefined : outcome;
}

/** The hello-answer of a known LCU, and that of an unknown one. */
function helloAnswers(): readonly Uint8Array[] {
  const channel = new MemoryChannel();
  acceptLcu(
    channel,
    { ...COMMON, fleet: { findByKid: () => LCU } },
    () => () => undefined,
    () => undefined,
  );
  const now = () => ({ monoMs: 1, wallMs: 2, quality: 'none' as const });
  return ['malaga-0042', 'malaga-0043'].map((lcuId, i) => {
    const lcu = new SimulatedLcu({ lcuId, signer: testSigner(2 + i), random: seededRandom(lcuId), boot: bootOf('b0'), now });
    return lcu.receive(channel.sent[0]!)!;
  });
}

/** A good request, and one to another collector. */
function enrolRequests(): readonly Uint8Array[] {
  const channel = new MemoryChannel();
  acceptEnrolment(channel, { ...COMMON, fleet: { enrol: () => LCU } }, () => undefined);
  const cut = cutSigned(cutFrame(channel.sent[0]!).signed);
  const challenge = cut.ok ? parseMessage(ENROL_CHALLENGE, cut.value.payload) : cut;
  if (!challenge.ok) throw new Error(challenge.code);
  return [2, 3].map((byte) => {
    const signer = testSigner(byte);
    const secret = new Uint8Array(16).fill(byte);
    const request = {
      version: 1,
      lcuId: `malaga-004${byte}`,
      collectorId: byte === 2 ? 'malaga' : 'granada',
      nonce: challenge.value.nonce,
      publicKey: signer.publicKey,
      tokenHash: sha256(secret),
      agentVersion: '0.1.0',
      assurance: 0,
      evidence: [],
    };
    return encodeFrame(KINDS.enrolRequest.number, signMessage(ENROL_REQUEST, request, signer), [secret]);
  });
}

for (const [what, receive, [good, other], share] of [
  ['hello-answer', greet, helloAnswers(), 0.08],
  ['enrolment request', enrol, enrolRequests(), 0.08],
] as const) {
  test(`the ${what} that is mutated is good`, async (t) => {
    t.is(receive(good!), undefined);
  });

  test(`no mutant of the ${what} is accepted, and none throws or hangs`, async (t) => {
    await campaign(t, FRAMES * share, (dice) => {
      const mutant = mutateFrame(good!, dice, other!);
      return verdictOn(mutant, good!, receive(mutant));
    });
  });
}

for (const [what, contentType, receive, good] of [
  ['hello-answer', contentTypeOf(HELLO_ANSWER), greet, helloAnswers()[0]!],
  ['enrolment request', contentTypeOf(ENROL_REQUEST), enrol, enrolRequests()[0]!],
] as const) {
  test(`the ${what} with other values under a good signature is refused with a code, or taken`, async (t) => {
    const { kind, signed, attachment } = cutFrame(good);
    const cut = cutSigned(signed);
    if (!cut.ok) throw new Error(cut.code);
    const value: Cbor = decodeCbor(cut.value.payload);
    await campaign(t, FRAMES * 0.02, (dice) => {
      const payload = encodeCbor(mutateValue(value, dice));
      const frame = encodeFrame(kind, seal(contentType, payload, LCU_KEY), attachment?.items);
      const code = receive(frame);
      if (code !== undefined) return code;
      return 'taken';
    });
  });
}
