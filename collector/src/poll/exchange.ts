import {
  type Ack,
  type Clock,
  encodeFrame,
  KINDS,
  POLL,
  type Random,
  refuse,
  type Refusal,
  sha256,
  type Signer,
  signMessage,
  type Verify,
  type Want,
} from '@farola/shared';
import { answersPoll } from '../verify/answers-poll.js';
import type { Asked } from '../verify/asked.js';
import type { Deadlines, Waiter } from './deadlines.js';
import type { Session } from './session.js';
import { isToldBack } from './told-back.js';

/** What an exchange needs. */
export interface ExchangeDeps {
  readonly collectorId: string;
  /** What polls are signed with now. */
  readonly pollSigner: () => Signer;
  readonly clock: Clock;
  /** How long an answer is waited for. */
  readonly deadlines: Deadlines;
  readonly random: Random;
  readonly verify: Verify;
}

/** The frame that came for a poll, not judged yet. */
export interface Reply {
  readonly ok: true;
  readonly frame: Uint8Array;
  readonly asked: Asked;
  /** The signed poll. */
  readonly poll: Uint8Array;
  readonly receivedMonoMs: number;
  readonly receivedWallMs: number;
}

/**
 * Told of every frame that nothing waits for: `asked` is the poll that it may be late for; `isLateTold`: it is late for another message.
 */
export type OnStray = (frame: Uint8Array, asked: Asked | undefined, receivedMonoMs: number, isLateTold?: boolean) => void;

/** Frames that nobody asked for, after which a connection is closed. */
const STRAY_LIMIT = 8;
/** Polls, and other messages, whose answers may still come late: an LCU that hung answers in its order what came meanwhile. */
const GIVEN_UP_LIMIT = 4;

/** What is in flight. */
interface Waiting {
  /** The poll; undefined when it is another message. */
  readonly asked: Asked | undefined;
  /** Called once; later calls have no effect. */
  readonly settle: (frame: Uint8Array, monoMs: number, wallMs: number) => void;
  readonly fail: (refusal: Refusal) => void;
}

/**
 * One poll, or one other message, in flight on one connection. The next frame uses up the nonce of the poll, whatever it holds. Two
 * kinds of late frames leave it waiting (docs/decisions/046): an answer that the LCU signed to a poll before that was given up,
 * for that names a nonce of its own and could never be the answer to this one; and an answer to another message that was given up.
 */
export class Exchange implements Waiter {
  readonly #session: Session;
  readonly #deps: ExchangeDeps;
  readonly #stray: OnStray;
  #waiting: Waiting | undefined;
  /** The poll that was given up last, until a frame came or the next message was sent: it is named to a frame that is no late answer. */
  #expired: Asked | undefined;
  /** Polls that were given up, the newest last; each until its answer has come. */
  #givenUp: readonly Asked[] = [];
  /** Other messages that were given up, and whose answers may still come. */
  #untold = 0;
  /** Frames that nobody asked for, late answers not counted. */
  #strays = 0;

  constructor(session: Session, deps: ExchangeDeps, stray: OnStray) {
    this.#session = session;
    this.#deps = deps;
    this.#stray = stray;
  }

  /** Sends one poll and gives the frame that comes for it. Codes: `answer-missing`, `lcu-not-connected`. */
  ask(acks: Ack[], want: Want): Promise<Reply | Refusal> {
    const { lcu, channel } = this.#session;
    if (this.#session.closed) return Promise.resolve(refuse('lcu-not-connected', { lcu: lcu.lcuId }));
    this.#checkFree();
    const { poll, asked } = this.#makePoll(acks, want);
    return new Promise((resolve) => {
      const settle: Waiting['settle'] = (frame, receivedMonoMs, receivedWallMs) =>
        resolve({ ok: true, frame, asked, poll, receivedMonoMs, receivedWallMs });
      this.#await({ asked, settle, fail: resolve }, asked.sentMonoMs);
      channel.send(encodeFrame(KINDS.poll.number, poll));
    });
  }

  /** Sends a frame that is no poll, and gives the one that comes for it, not judged. Codes as `ask`. */
  tell(frame: Uint8Array): Promise<{ readonly ok: true; readonly frame: Uint8Array } | Refusal> {
    const { lcu, channel } = this.#session;
    if (this.#session.closed) return Promise.resolve(refuse('lcu-not-connected', { lcu: lcu.lcuId }));
    this.#checkFree();
    return new Promise((resolve) => {
      const settle: Waiting['settle'] = (back) => resolve({ ok: true, frame: back });
      this.#await({ asked: undefined, settle, fail: resolve }, this.#deps.clock.now().monoMs);
      channel.send(frame);
    });
  }

  #checkFree(): void {
    if (this.#waiting) throw new RangeError('a poll is in flight');
  }

  #await(waiting: Waiting, sinceMs: number): void {
    this.#waiting = waiting;
    this.#expired = undefined;
    this.#deps.deadlines.add(this, sinceMs);
  }

  /** Takes a frame from the connection. */
  receive(frame: Uint8Array): void {
    const { monoMs, wallMs } = this.#deps.clock.now();
    const waiting = this.#waiting;
    const late = this.#givenUp.find((asked) => answersPoll(frame, asked, this.#deps.verify));
    if (late) {
      this.#forget(late);
      this.#stray(frame, late, monoMs);
    } else if (this.#isLateTold(frame)) {
      this.#untold--;
      this.#stray(frame, undefined, monoMs, true);
    } else if (waiting) {
      this.#waiting = undefined;
      this.#deps.deadlines.delete(this);
      waiting.settle(frame, monoMs, wallMs);
    } else {
      const expired = this.#expired;
      this.#expired = undefined;
      if (++this.#strays > STRAY_LIMIT) return this.#session.channel.close('nonce-unknown');
      this.#stray(frame, expired, monoMs);
    }
  }

  /** Whether a frame answers a message beside polls that was given up, while no such message waits for one. */
  #isLateTold(frame: Uint8Array): boolean {
    const tells = this.#waiting !== undefined && this.#waiting.asked === undefined;
    return this.#untold > 0 && !tells && isToldBack(frame);
  }

  /** No frame came in time: the poll in flight fails. */
  expire(): void {
    const asked = this.#waiting?.asked;
    if (this.#waiting && !asked) this.#untold = Math.min(this.#untold + 1, GIVEN_UP_LIMIT);
    this.#expired = asked;
    if (asked) this.#givenUp = [...this.#givenUp, asked].slice(-GIVEN_UP_LIMIT);
    this.#fail(refuse('answer-missing', { deadlineMs: this.#deps.deadlines.ms }));
  }

  /** The connection is gone: a poll in flight fails. */
  abandon(): void {
    this.#fail(refuse('lcu-not-connected', { lcu: this.#session.lcu.lcuId }));
  }

  #forget(asked: Asked): void {
    if (this.#expired === asked) this.#expired = undefined;
    this.#givenUp = this.#givenUp.filter((one) => one !== asked);
  }

  #fail(refusal: Refusal): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#deps.deadlines.delete(this);
    waiting?.fail(refusal);
  }

  #makePoll(acks: Ack[], want: Want): { poll: Uint8Array; asked: Asked } {
    const session = this.#session;
    const { monoMs, wallMs } = this.#deps.clock.now();
    const nonce = this.#deps.random.bytes(16);
    const pollId = ++session.pollId;
    const poll = this.#signPoll(pollId, nonce, wallMs, acks, want);
    const pollHash = sha256(poll);
    const known = [nonce, pollHash, ...session.recurring];
    const newest = acks.at(-1);
    if (newest) known.push(newest[2]);
    const { boot, epoch } = session.hello;
    const asked: Asked = {
      lcuId: session.lcu.lcuId,
      boot,
      epoch,
      pollId,
      nonce,
      want,
      known,
      batches: session.batches,
      deadlineMs: this.#deps.deadlines.ms,
      publicKey: session.publicKey,
      answerHeader: session.answerHeader,
      pollHash,
      sentMonoMs: monoMs,
      lastMonoMs: session.lastMonoMs,
    };
    return { poll, asked };
  }

  #signPoll(pollId: number, nonce: Uint8Array, issuedAt: number, acks: Ack[], want: Want): Uint8Array {
    const { collectorId, pollSigner, deadlines } = this.#deps;
    const { lcuId } = this.#session.lcu;
    const { version, lcuNonce } = this.#session.hello;
    const { ms: deadlineMs } = deadlines;
    const poll = { version, lcuId, collectorId, lcuNonce, pollId, nonce, deadlineMs, issuedAt, acks, want };
    return signMessage(POLL, poll, pollSigner());
  }
}
