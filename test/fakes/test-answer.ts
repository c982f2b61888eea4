import {
  type Ack,
  ANSWER,
  type Answer,
  encodeItems,
  type GapRecord,
  POLL,
  type Poll,
  sha256,
  signMessage,
  WANT,
} from '@farola/shared';
import type { NewAnswer, SharedRange, ToldHead } from '@farola/collector/ledger/ledger.js';
import type { HeldRange } from '@farola/collector/ledger/held-range.js';
import type { TestChain } from './test-chain.js';
import { testSigner } from './test-signer.js';

/** What of an answer a test may want otherwise. */
export interface TestAnswerOptions {
  readonly lcuNo?: number;
  readonly receivedAtMs?: number;
  /** First entry that is kept; that of the range unless said. */
  readonly first?: number;
  /** Ranges that are owned; the whole of what is kept unless said. */
  readonly adds?: readonly HeldRange[];
  readonly gaps?: readonly GapRecord[];
  /** The gaps as the LCU signs them; those that are kept unless said. */
  readonly signedGaps?: readonly GapRecord[];
  /** What its poll acknowledged; nothing unless said. */
  readonly acks?: readonly Ack[];
  readonly told?: readonly ToldHead[];
  /** The id of the chain that it goes to; the epoch unless said. */
  readonly id?: Uint8Array;
  readonly shares?: readonly SharedRange[];
  /** The LCU's monotonic time of answering; that of its last entry unless said, ms. */
  readonly nowMonoMs?: number;
  /** The boot of answering; that of the epoch unless said. */
  readonly boot?: Uint8Array;
}

/** Wall time at which a test answer is received unless said, ms: in the last slot but one of November 2026. */
export const RECEIVED_AT_MS = Date.UTC(2026, 10, 30, 23, 50);

const POLL_KEY = testSigner(100);
const LCU_KEY = testSigner(1);

/** A verified answer with entries from..to of the chain, with real bytes and signatures, ready for the ledger. */
export function testAnswer(chain: TestChain, from: number, to: number, options: TestAnswerOptions = {}): NewAnswer {
  const { lcuNo = 0, receivedAtMs = RECEIVED_AT_MS, first = from, gaps = [], told = [], shares = [] } = options;
  const adds = options.adds ?? (first <= to ? [chain.held(first, to)] : []);
  const poll = testPoll(chain, options.acks);
  return {
    lcuNo,
    receivedAtMs,
    poll,
    first,
    adds,
    gaps,
    told,
    shares,
    answer: signMessage(ANSWER, answerFields(chain, from, to, poll, options), LCU_KEY),
    epoch: options.id ?? chain.epoch,
    base: chain.head(first - 1),
    entries: encodeItems(chain.entries.slice(first - 1, to)),
  };
}

/** The fields of such an answer. */
export function answerFields(
  chain: TestChain,
  from: number,
  to: number,
  poll: Uint8Array,
  options: TestAnswerOptions = {},
): Answer {
  const { nowMonoMs = chain.last * 1000, boot = chain.boot, gaps = [] } = options;
  return {
    version: 1,
    lcuId: chain.lcuId,
    pollId: 1,
    nonce: new Uint8Array(16),
    pollHash: sha256(poll),
    boot,
    epoch: chain.epoch,
    now: [nowMonoMs, 0, 2],
    from,
    to,
    prev: chain.head(from - 1),
    head: chain.head(to),
    openEpochs: [[chain.epoch, 1, chain.last]],
    gaps: [...(options.signedGaps ?? gaps)],
    codeHash: null,
    programHash: null,
    circuits: [],
    health: new Map(),
  };
}

function testPoll(chain: TestChain, acks: TestAnswerOptions['acks']): Uint8Array {
  return signMessage(POLL, pollFields(chain, acks), POLL_KEY);
}

/** The fields of the poll that such an answer is to. */
export function pollFields(chain: TestChain, acks: TestAnswerOptions['acks'] = []): Poll {
  return {
    version: 1,
    lcuId: chain.lcuId,
    collectorId: 'test',
    lcuNonce: new Uint8Array(16),
    pollId: 1,
    nonce: new Uint8Array(16),
    deadlineMs: 30_000,
    issuedAt: 0,
    acks: [...acks],
    want: [WANT.newest, chain.epoch, 0],
  };
}

/** A gap record over from..to of a chain. */
export function testGap(chain: TestChain, from: number, to: number): GapRecord {
  return [chain.epoch, from, to, chain.head(from - 1), chain.head(to), 1];
}
