import {
  BatchEncoder,
  encodeFrame,
  ENCODINGS,
  FarolaError,
  HELLO_ANSWER,
  KINDS,
  mayRetry,
  readFrame,
  refuse,
  sameBytes,
  signMessageAsync,
  toHex,
} from '@farola/shared';
import type { AsyncSigner, Clock, ErrorCode, Facts, Frame, Poll, Random, Refusal, Result, Verify } from '@farola/shared';
import type { EntrySource } from '../journal/journal.js';
import { answerPoll } from './answer-poll.js';
import { type Channel, CLOSE } from './channel.js';
import type { Log } from '../log/log.js';
import { verifyHello } from './verify-hello.js';
import { verifyPoll } from './verify-poll.js';

/** What a connection works with. */
export interface ConnectionDeps {
  readonly lcuId: string;
  readonly collectorId: string;
  /** Poll keys that are accepted now, 32 bytes each. */
  readonly pollKeys: () => readonly Uint8Array[];
  /** Whether a good hello may be answered now: a signature costs time, and a hello can be replayed. Always, when not told. */
  readonly mayGreet?: () => Result<undefined>;
  /** Takes what a collector may send beside polls; without it nothing else is taken. */
  readonly takeOrder?: TakeOrder;
  readonly signer: AsyncSigner;
  readonly verify: Verify;
  /** Boot id, 16 bytes. */
  readonly boot: Uint8Array;
  /** Merkle root of what we ship, as last measured; null when it is not. */
  readonly codeHash: () => Uint8Array | null;
  readonly journal: EntrySource & { readonly epoch: Uint8Array };
  readonly health: () => ReadonlyMap<number, number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What binds a message to a connection. */
export interface ConnectionFacts {
  /** Protocol version of this connection. */
  readonly version: number;
  /** The nonce that we drew for it. */
  readonly lcuNonce: Uint8Array;
}

/**
 * Takes a message that is no poll, of a greeted connection, and gives the frame to answer it with, or why it is not good.
 * Undefined when it is of a kind that nobody takes. @throws FarolaError when it is good and cannot be carried out
 */
export type TakeOrder = (frame: Frame, connection: ConnectionFacts) => Promise<Result<Uint8Array>> | undefined;

/** What a connection tells about itself. */
export interface ConnectionEvents {
  /** The collector proved who it is. */
  greeted(): void;
  /** A poll was answered. */
  answered(): void;
}

const NONCE_BYTES = 16;
/** Polls that are not good, after which the connection is given up: whoever sends them fills the log and the loop. */
const BAD_POLLS = 10;

interface Greeted extends ConnectionFacts {
  /** Codes entries for a collector that takes them so. */
  readonly batches: BatchEncoder | undefined;
  /** The epoch that the hello-answer named. */
  readonly epoch: Uint8Array;
  /** 0 until a poll came: it carries our nonce, so that whoever sends it is the collector, and now. */
  lastPollId: number;
  /** Whether the answer to that poll is being signed. */
  answering: boolean;
}

/** One connection from hello to close: it answers what the collector proves to have asked, and nothing else. */
export class Connection {
  readonly #channel: Channel;
  readonly #deps: ConnectionDeps;
  readonly #events: ConnectionEvents;
  #greeted: Greeted | undefined;
  #badPolls = 0;
  /** Why acks could not be noted the last time; undefined when they could. */
  #acksFailed: ErrorCode | undefined;
  #refusedWith: ErrorCode | undefined;
  #over = false;

  constructor(channel: Channel, deps: ConnectionDeps, events: ConnectionEvents) {
    this.#channel = channel;
    this.#deps = deps;
    this.#events = events;
  }

  /** Why we closed the channel; undefined while we have not. */
  get refusedWith(): ErrorCode | undefined {
    return this.#refusedWith;
  }

  /**
   * Takes one message of the collector; resolves when it is answered or dropped. Never throws: sampling must go on whatever a
   * message brings about.
   */
  async receive(bytes: Uint8Array): Promise<void> {
    if (this.#over) return;
    try {
      const frame = this.#cut(bytes);
      if (!frame) return;
      await (this.#greeted ? this.#receiveGreeted(frame, this.#greeted) : this.#receiveHello(frame));
    } catch (error) {
      this.#failed(error);
    }
  }

  #receiveGreeted(frame: Frame, greeted: Greeted): Promise<void> {
    const isOrder = frame.kind !== KINDS.poll.number && greeted.lastPollId > 0;
    const answer = isOrder ? this.#deps.takeOrder?.(frame, greeted) : undefined;
    return answer ? this.#carryOut(answer) : this.#receivePoll(frame, greeted);
  }

  /** The channel has closed: nothing is told of it any more. */
  end(): void {
    this.#over = true;
  }

  #failed(error: unknown): void {
    this.refuse('internal', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }

  /** Answers an order when it is carried out. What is not good, or could not be done, is left without an answer. */
  async #carryOut(answer: Promise<Result<Uint8Array>>): Promise<void> {
    try {
      const result = await answer;
      if (result.ok) this.#channel.send(result.value);
      else this.#drop(result);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      this.#deps.log.warn(error.code, error.facts);
    }
  }

  /** Who sent it may not be who holds the connection open: it stays, until it is one too many. */
  #drop({ code, facts }: Refusal): void {
    if (++this.#badPolls > BAD_POLLS) this.refuse(code, facts);
    else this.#deps.log.warn(code, facts);
  }

  /** Closes the channel, telling the collector the code. */
  refuse(code: ErrorCode, facts: Facts = {}): void {
    if (this.#over) return;
    this.#over = true;
    this.#refusedWith = code;
    this.#deps.log.warn(code, facts);
    this.#channel.close(CLOSE.refused, code);
  }

  #cut(bytes: Uint8Array): Frame | undefined {
    const frame = readFrame(bytes);
    if (!frame.ok) this.refuse(frame.code, frame.facts);
    else if (frame.value.attachment) this.refuse('frame-malformed', { reason: 'an attachment is not expected' });
    else return frame.value;
    return undefined;
  }

  async #receiveHello(frame: Frame): Promise<void> {
    const accepted = this.#acceptHello(frame);
    if (!accepted.ok) {
      this.refuse(accepted.code, accepted.facts);
      return;
    }
    const { lcuId, signer, boot, journal, random } = this.#deps;
    const { hello, version } = accepted.value;
    const lcuNonce = random.bytes(NONCE_BYTES);
    const batches = hello.encodings.includes(ENCODINGS.coded) ? new BatchEncoder() : undefined;
    const { kid } = signer;
    const { epoch } = journal;
    this.#greeted = { version, lcuNonce, batches, epoch, lastPollId: 0, answering: false };
    const message = { version, lcuId, kid, nonce: hello.nonce, lcuNonce, boot, epoch };
    const answer = await signMessageAsync(HELLO_ANSWER, message, signer);
    if (this.#over) return;
    this.#channel.send(encodeFrame(KINDS.helloAnswer.number, answer));
    this.#events.greeted();
  }

  #acceptHello({ kind, signed }: Frame): ReturnType<typeof verifyHello> {
    if (kind !== KINDS.hello.number) return refuse('frame-kind-unexpected', { kind });
    const { collectorId, pollKeys, verify, mayGreet } = this.#deps;
    const accepted = verifyHello(signed, { collectorId, pollKeys: pollKeys() }, verify);
    const allowed = accepted.ok ? mayGreet?.() : undefined;
    return allowed?.ok === false ? allowed : accepted;
  }

  /** A poll that is not good is dropped, as an order. */
  async #receivePoll(frame: Frame, greeted: Greeted): Promise<void> {
    const poll = this.#acceptPoll(frame, greeted);
    if (!poll.ok) {
      this.#drop(poll);
      return;
    }
    const { log, journal } = this.#deps;
    Object.assign(greeted, { lastPollId: poll.value.pollId, answering: true });
    try {
      this.#applyAcks(poll.value);
      const answer = await this.#answer(poll.value, frame.signed, greeted);
      if (this.#over) return;
      this.#channel.send(answer);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      log.warn(error.code, error.facts);
      return;
    } finally {
      greeted.answering = false;
    }
    this.#events.answered();
    if (!sameBytes(journal.epoch, greeted.epoch)) this.#channel.close(CLOSE.normal, '');
  }

  #acceptPoll({ kind, signed }: Frame, greeted: Greeted): Result<Poll> {
    if (kind !== KINDS.poll.number) return refuse('frame-kind-unexpected', { kind });
    const { verify, lcuId, collectorId, pollKeys } = this.#deps;
    const poll = verifyPoll(signed, { ...greeted, lcuId, collectorId, pollKeys: pollKeys() }, verify);
    if (!poll.ok || !greeted.answering) return poll;
    return refuse('poll-too-soon', { pollId: poll.value.pollId, last: greeted.lastPollId });
  }

  /** A journal that cannot note an ack can still be read; the log says it once, not with each poll. */
  #applyAcks({ acks }: Poll): void {
    const { journal, log } = this.#deps;
    try {
      for (const { epoch, n } of journal.applyAcks(acks)) log.warn('ack-disagrees', { epoch: toHex(epoch), n });
      this.#acksFailed = undefined;
    } catch (error) {
      if (!(error instanceof FarolaError) || !mayRetry(error.code)) throw error;
      if (error.code !== this.#acksFailed) log.warn(error.code, error.facts);
      this.#acksFailed = error.code;
    }
  }

  #answer(poll: Poll, signedPoll: Uint8Array, { batches }: Greeted): Promise<Uint8Array> {
    const { lcuId, boot, codeHash, journal, health, clock, signer } = this.#deps;
    const parts = {
      lcuId,
      boot,
      codeHash: codeHash(),
      selection: journal.select(poll.want),
      openEpochs: journal.openEpochs(),
      gaps: journal.gaps(),
      health: health(),
      now: clock.now(),
      batches,
    };
    return answerPoll(poll, signedPoll, parts, signer);
  }
}
