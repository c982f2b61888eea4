import {
  type AnalyserRow,
  ANSWER,
  type Answer,
  chainNext,
  chainSeed,
  cutFrame,
  cutSigned,
  encodeEntry,
  encodeFrame,
  fromHex,
  type GapRecord,
  HELLO,
  HELLO_ANSWER,
  type Instant,
  kidOf,
  KINDS,
  type KnownEntry,
  type OpenEpoch,
  parseMessage,
  POLL,
  type Poll,
  type Random,
  sha256,
  type Signer,
  signMessage,
  toHex,
  WANT,
} from '@farola/shared';

const MOST_ENTRIES = 256;

/** One epoch in the memory of a simulated LCU. */
export interface SimulatedEpoch {
  readonly epoch: Uint8Array;
  readonly entries: Uint8Array[];
  /** h(0) to h(n). */
  readonly heads: Uint8Array[];
  /** Entries up to this one are no longer there; 0 when all are. */
  floor: number;
}

/** What a simulated LCU is. */
export interface SimulatedLcuOptions {
  readonly lcuId: string;
  readonly signer: Signer;
  readonly random: Random;
  /** Boot id, 16 bytes. */
  readonly boot: Uint8Array;
  /** The LCU's clocks at each call. */
  readonly now: () => Instant;
  readonly analysers?: readonly AnalyserRow[];
}

/**
 * An LCU in memory that speaks the real protocol with real signatures: no line, no journal on disk. It believes its
 * collector. For benches, and for tests that need an LCU which can also be made to lie.
 */
export class SimulatedLcu {
  readonly options: SimulatedLcuOptions;
  readonly epochs: SimulatedEpoch[] = [];
  lcuNonce: Uint8Array = new Uint8Array(16);
  /** Whether answers list every epoch, as one does of which nothing is acknowledged; else only the present one. */
  listsAll = true;
  /** What it tells as gone, with every answer. */
  gaps: GapRecord[] = [];
  /** Every poll that came, oldest first. */
  readonly polls: Poll[] = [];

  constructor(options: SimulatedLcuOptions) {
    this.options = options;
    this.beginEpoch();
  }

  /**
   * The same LCU as an image of its disk taken now: same key, same epochs, its own future.
   * @param random draws the epochs that it begins
   */
  image(random: Random): SimulatedLcu {
    const image = new SimulatedLcu({ ...this.options, random });
    const copies = this.epochs.map((one) => ({ ...one, entries: [...one.entries], heads: [...one.heads] }));
    image.epochs.splice(0, 1, ...copies);
    return image;
  }

  /** The present epoch. */
  get present(): SimulatedEpoch {
    return this.epochs.at(-1) as SimulatedEpoch;
  }

  /** Begins a new epoch, as a restarted agent does, with its start entry. */
  beginEpoch(): SimulatedEpoch {
    const { lcuId, random, boot, now, analysers = [] } = this.options;
    const before = this.epochs.at(-1);
    const previous = before && { epoch: before.epoch, n: before.entries.length, head: before.heads.at(-1) as Uint8Array };
    const epoch = random.bytes(8);
    this.epochs.push({ epoch, entries: [], heads: [chainSeed(lcuId, epoch)], floor: 0 });
    this.append({
      kind: 'start',
      at: now(),
      boot,
      previous: previous ?? null,
      codeHash: null,
      configHash: sha256(new Uint8Array(0)),
      agentVersion: 'simulated',
      analysers,
    });
    return this.present;
  }

  /** Appends an entry to the present epoch and returns its number. */
  append(entry: KnownEntry): number {
    return this.appendBytes(encodeEntry(entry));
  }

  /** Appends any bytes as an entry and returns its number. */
  appendBytes(bytes: Uint8Array): number {
    const { entries, heads } = this.present;
    entries.push(bytes);
    heads.push(chainNext(heads.at(-1) as Uint8Array, bytes));
    return entries.length;
  }

  /** The frame to send back for a frame of the collector; undefined when it is neither hello nor poll. */
  receive(frame: Uint8Array): Uint8Array | undefined {
    const { kind, signed } = cutFrame(frame);
    const parts = cutSigned(signed);
    if (!parts.ok) return undefined;
    if (kind === KINDS.hello.number) return this.answerHello(parts.value.payload);
    if (kind !== KINDS.poll.number) return undefined;
    const poll = parseMessage(POLL, parts.value.payload);
    if (!poll.ok) return undefined;
    this.polls.push(poll.value);
    return this.answerPoll(poll.value, signed);
  }

  /** The hello-answer to the payload of a hello. */
  answerHello(payload: Uint8Array): Uint8Array | undefined {
    const hello = parseMessage(HELLO, payload);
    if (!hello.ok) return undefined;
    const { lcuId, signer, random, boot } = this.options;
    this.lcuNonce = random.bytes(16);
    const { nonce } = hello.value;
    const { epoch } = this.present;
    const message = { version: 1, lcuId, kid: kidOf(signer.publicKey), nonce, lcuNonce: this.lcuNonce, boot, epoch };
    return encodeFrame(KINDS.helloAnswer.number, signMessage(HELLO_ANSWER, message, signer));
  }

  /** The answer to a poll. @param change what a lying LCU says instead */
  answerPoll(poll: Poll, signedPoll: Uint8Array, change: Partial<Answer> = {}): Uint8Array {
    const { message, entries } = this.composeAnswer(poll, signedPoll);
    return encodeFrame(KINDS.answer.number, signMessage(ANSWER, { ...message, ...change }, this.options.signer), entries);
  }

  /** What an honest LCU answers to a poll. */
  composeAnswer(poll: Poll, signedPoll: Uint8Array): { message: Answer; entries: Uint8Array[] } {
    const { lcuId, boot, now } = this.options;
    const { epoch, from, to } = this.#select(poll);
    const at = now();
    const message: Answer = {
      version: 1,
      lcuId,
      pollId: poll.pollId,
      nonce: poll.nonce,
      pollHash: sha256(signedPoll),
      boot,
      epoch: epoch.epoch,
      now: [at.monoMs, at.wallMs, 2],
      from,
      to,
      prev: epoch.heads[from - 1] as Uint8Array,
      head: epoch.heads[to] as Uint8Array,
      openEpochs: this.#listed(),
      gaps: this.gaps,
      codeHash: null,
      programHash: null,
      circuits: [],
      health: new Map(),
    };
    return { message, entries: epoch.entries.slice(from - 1, to) };
  }

  /** Epochs of which only gaps are told stand before the others, as a journal lists what it lost the whole of. */
  #listed(): OpenEpoch[] {
    const epochs = this.listsAll ? this.epochs : [this.present];
    const lost = this.gaps.filter(([gone]) => !epochs.some(({ epoch }) => toHex(epoch) === toHex(gone)));
    return [
      ...lost.map(([epoch, , to]): OpenEpoch => [epoch, to + 1, to]),
      ...epochs.map(({ epoch, entries, floor }): OpenEpoch => [epoch, floor + 1, entries.length]),
    ];
  }

  #select({ want }: Poll): { epoch: SimulatedEpoch; from: number; to: number } {
    const epoch = this.epochs.find((one) => toHex(one.epoch) === toHex(want[1]));
    if (!epoch) return { epoch: this.present, from: this.present.entries.length + 1, to: this.present.entries.length };
    const { floor } = epoch;
    const last = epoch.entries.length;
    if (want[0] === WANT.newest) {
      const from = Math.max(want[2] + 1, floor + 1, last - MOST_ENTRIES + 1);
      return { epoch, from: Math.min(from, last + 1), to: last };
    }
    const from = Math.min(Math.max(want[2], floor), last) + 1;
    return { epoch, from, to: Math.max(from - 1, Math.min(want[3] - 1, last, from + MOST_ENTRIES - 1)) };
  }
}

/** A boot id for simulations, 16 bytes of the given hexadecimal digit pair. */
export function bootOf(pair: string): Uint8Array {
  return fromHex(pair.repeat(16));
}
