import {
  ANSWER,
  chainHead,
  chainSeed,
  cutFrame,
  cutSigned,
  encodeEntry,
  encodeFrame,
  HEALTH,
  HELLO,
  HELLO_ANSWER,
  KINDS,
  parseMessage,
  POLL,
  type Poll,
  sha256,
  type Signer,
  signMessage,
  systemRandom,
  WANT,
} from '@farola/shared';
import { bootOf } from '../simulated-lcu.js';
import { BENCH_ANALYSERS, clocksAt, samplesOf } from './bench-samples.js';

const BOOT = bootOf('b0');
const EPOCH_BYTES = 8;
const NONCE_BYTES = 16;

/**
 * A simulated LCU that costs little: it keeps the head of its chain and no entries, since each poll finds one round of
 * new samples and acknowledges all before. Keys, chain and signatures are real.
 */
export class BenchLcu {
  readonly #lcuId: string;
  readonly #signer: Signer;
  readonly #epoch = systemRandom.bytes(EPOCH_BYTES);
  #round = 0;
  #last = 0;
  #head: Uint8Array;

  constructor(lcuId: string, signer: Signer) {
    this.#lcuId = lcuId;
    this.#signer = signer;
    this.#head = chainSeed(lcuId, this.#epoch);
  }

  /** The frame to send back for a frame of the collector. RangeError for one that an LCU of the bench never gets. */
  receive(frame: Uint8Array): Uint8Array {
    const { kind, signed } = cutFrame(frame);
    const parts = cutSigned(signed);
    if (!parts.ok) throw new RangeError(parts.code);
    if (kind === KINDS.hello.number) return this.#answerHello(parts.value.payload);
    const poll = parseMessage(POLL, parts.value.payload);
    if (!poll.ok) throw new RangeError(`${poll.code}: frame of kind ${kind}`);
    return this.#answerPoll(poll.value, signed);
  }

  #answerHello(payload: Uint8Array): Uint8Array {
    const hello = parseMessage(HELLO, payload);
    if (!hello.ok) throw new RangeError(hello.code);
    const { kid } = this.#signer;
    const message = {
      version: 1,
      lcuId: this.#lcuId,
      kid,
      nonce: hello.value.nonce,
      lcuNonce: systemRandom.bytes(NONCE_BYTES),
      boot: BOOT,
      epoch: this.#epoch,
    };
    return encodeFrame(KINDS.helloAnswer.number, signMessage(HELLO_ANSWER, message, this.#signer));
  }

  #answerPoll({ pollId, nonce, want }: Poll, signedPoll: Uint8Array): Uint8Array {
    if (want[0] !== WANT.newest || want[2] !== this.#last) throw new RangeError(`entries after ${want[2]}, not ${this.#last}`);
    const { monoMs, wallMs } = clocksAt(this.#round);
    const entries = this.#last === 0 ? [this.#start(), ...samplesOf(this.#round)] : samplesOf(this.#round);
    const prev = this.#head;
    const from = this.#last + 1;
    this.#head = chainHead(prev, entries);
    this.#last += entries.length;
    this.#round++;
    const to = this.#last;
    const message = {
      version: 1,
      lcuId: this.#lcuId,
      pollId,
      nonce,
      pollHash: sha256(signedPoll),
      boot: BOOT,
      epoch: this.#epoch,
      now: [monoMs, wallMs, 2] as [number, number, number],
      from,
      to,
      prev,
      head: this.#head,
      openEpochs: [[this.#epoch, 1, to] as [Uint8Array, number, number]],
      gaps: [],
      codeHash: CODE_HASH,
      programHash: null,
      circuits: [],
      health: HEALTHY,
    };
    return encodeFrame(KINDS.answer.number, signMessage(ANSWER, message, this.#signer), entries);
  }

  #start(): Uint8Array {
    return encodeEntry({
      kind: 'start',
      at: clocksAt(0),
      boot: BOOT,
      previous: null,
      codeHash: CODE_HASH,
      configHash: CODE_HASH,
      agentVersion: 'bench',
      analysers: BENCH_ANALYSERS,
    });
  }
}

const CODE_HASH = sha256(Buffer.from('bench'));
const HEALTHY: ReadonlyMap<number, number> = new Map([
  [HEALTH.backlog, 10],
  [HEALTH.journalBytes, 12_000_000],
  [HEALTH.diskFreeBytes, 20_000_000_000],
  [HEALTH.uptimeS, 1_728_000],
]);
