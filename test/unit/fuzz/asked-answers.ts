import type { Asked } from '@farola/collector/verify/asked.js';
import {
  ANSWER,
  BatchDecoder,
  BatchEncoder,
  contentTypeOf,
  cutFrame,
  encodeCodedFrame,
  kidOf,
  POLL,
  type Poll,
  protectedHeader,
  sha256,
  signMessage,
  WANT,
} from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { analyser, sample } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

/** A good answer and the poll that waits for it. */
export interface AskedAnswer {
  readonly frame: Uint8Array;
  readonly asked: Asked;
}

/** When each of the answers comes, on the collector's monotonic clock, ms. */
export const RECEIVED_MONO_MS = 1200;
/** Entries of each answer: of a usual round, of a long one, none, and as many as fit; then the first two coded. */
const SIZES = [10, 40, 0, 255, 10, 40];
const CODED_FROM = 4;

/** Good answers of one LCU, each to a poll of its own: what is good under one poll is foreign under the others. */
export function askedAnswers(): readonly AskedAnswer[] {
  const signer = testSigner(2);
  const boot = bootOf('b0');
  const now = () => ({ monoMs: 5_000_000, wallMs: 1_795_000_000_000, quality: 'synchronised' as const });
  const random = seededRandom('asked-answers');
  const lcu = new SimulatedLcu({ lcuId: 'malaga-0042', signer, random, boot, now, analysers: [analyser(0, 'main')] });
  return SIZES.map((size, index): AskedAnswer => {
    const after = lcu.present.entries.length;
    for (let i = 0; i < size; i++) lcu.append(sample(0, 4_900_000 + 256 * index + i, [i, 2 ** 40, -1]));
    const poll: Poll = {
      version: 1,
      lcuId: 'malaga-0042',
      collectorId: 'malaga',
      lcuNonce: lcu.lcuNonce,
      pollId: index + 1,
      nonce: random.bytes(16),
      deadlineMs: 10_000,
      issuedAt: 0,
      acks: [],
      want: [WANT.newest, lcu.present.epoch, index === 0 ? 0 : after],
    };
    const signedPoll = signMessage(POLL, poll, testSigner(1));
    const asked: Asked = {
      lcuId: poll.lcuId,
      publicKey: signer.publicKey,
      answerHeader: protectedHeader(contentTypeOf(ANSWER), kidOf(signer.publicKey)),
      boot,
      epoch: lcu.present.epoch,
      pollId: poll.pollId,
      nonce: poll.nonce,
      pollHash: sha256(signedPoll),
      want: poll.want,
      known: [poll.nonce, boot, lcu.present.epoch],
      // Each time anew: what one mutant leaves behind does not concern the next.
      batches: { decode: (coded, place) => new BatchDecoder().decode(coded, place) },
      sentMonoMs: 1000,
      deadlineMs: 10_000,
      lastMonoMs: 0,
    };
    const frame = lcu.answerPoll(poll, signedPoll);
    return { frame: index < CODED_FROM ? frame : coded(frame, { epoch: lcu.present.epoch, from: after + 1 }), asked };
  });
}

function coded(frame: Uint8Array, place: { readonly epoch: Uint8Array; readonly from: number }): Uint8Array {
  const { kind, signed, attachment } = cutFrame(frame);
  const bytes = new BatchEncoder().encode(attachment?.items ?? [], place, place.from - 1);
  if (!bytes) throw new RangeError('entries that are not worth coding');
  return encodeCodedFrame(kind, signed, bytes);
}
