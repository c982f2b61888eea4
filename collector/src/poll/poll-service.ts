import {
  type Ack,
  type Clock,
  codeOf,
  FarolaError,
  refuse,
  type Refusal,
  type Result,
  type Timers,
  toHex,
  type Verify,
  type Want,
} from '@farola/shared';
import type { DerivedState, Lcu } from '../fleet/fleet.js';
import type { GroupCommit } from '../ledger/group-commit.js';
import { Holdings } from '../ledger/holdings.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Channel } from '../link/channel.js';
import type { Greeted } from '../link/hello-exchange.js';
import type { Log } from '../log.js';
import type { Asked } from '../verify/asked.js';
import type { FindRevoked } from '../verify/check-code.js';
import { verifyAnswer } from '../verify/verify-answer.js';
import type { Contacts } from './contacts.js';
import type { Exchange, ExchangeDeps } from './exchange.js';
import { Poller } from './poller.js';
import type { HoldingOf } from './choose-want.js';
import type { PreviousOf } from './owed-epochs.js';
import { type PollOnce, type RoundOutcome, runRound, type Taken } from './run-round.js';
import type { Session } from './session.js';
import { type AnswerToStore, takeAnswer, type TakeDeps } from './take-answer.js';
import { Turns } from './turns.js';

/** What the polling of a fleet needs. */
export interface PollServiceDeps extends ExchangeDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly verify: Verify;
  readonly revoked: FindRevoked;
  readonly ledger: Pick<Ledger, 'headAt' | 'holding' | 'judge'>;
  readonly commit: Pick<GroupCommit<AnswerToStore>, 'submit'>;
  readonly derived: Pick<DerivedState, 'start'>;
  readonly contacts: Contacts;
  readonly log: Log;
  /** Length of a round, ms. */
  readonly roundMs: number;
}

/** Polls every connected LCU and takes what they answer into the ledger. */
export class PollService {
  readonly #deps: PollServiceDeps;
  readonly #holdings: Holdings;
  readonly #poller: Poller;
  /** How many contradictions of each LCU are kept. */
  readonly #forks = new Map<number, number>();
  /** An answer is judged only when what came before of its LCU is committed, whatever connection it came by. */
  readonly #turns = new Turns();
  #rounds = 0;
  #roundsFailed = 0;

  constructor(deps: PollServiceDeps) {
    this.#deps = deps;
    this.#holdings = new Holdings(deps.ledger);
    this.#poller = new Poller({
      ...deps,
      round: (session, exchange, over, onFirst) => this.#round(session, exchange, over, onFirst),
      stray: (frame, asked, monoMs) => this.#stray(frame, asked, monoMs),
      gone: (session) => this.#gone(session),
    });
  }

  /** LCUs connected now, and how many rounds of one LCU ended since the start, with every poll good or not. */
  get counts(): { readonly connected: number; readonly rounds: number; readonly roundsFailed: number } {
    return { connected: this.#poller.connected, rounds: this.#rounds, roundsFailed: this.#roundsFailed };
  }

  /** Takes a connection over that has been greeted. Returns where its frames go. */
  attach(greeted: Greeted, channel: Channel): (frame: Uint8Array) => void {
    const { lcu, hello } = greeted;
    this.#deps.log.info({ lcu: lcu.lcuId, remote: channel.remote, epoch: toHex(hello.epoch) }, 'LCU connected');
    return this.#poller.attach(greeted, channel);
  }

  /** Polls an LCU now. Code: `lcu-not-connected`, or the verdict on its answer. */
  pollNow(lcu: Lcu): Promise<Result<Taken>> {
    return this.#poller.pollNow(lcu);
  }

  /** Looks at the fleet again after a change. */
  review(find: (lcuId: string) => Lcu | undefined): void {
    this.#poller.review(find, (lcu) =>
      lcu.state === 'active' || lcu.state === 'quarantined' ? undefined : refuse('lcu-revoked', { lcu: lcu.lcuId }),
    );
  }

  /** Ends every connection and waits for the rounds that run. */
  stop(): Promise<void> {
    return this.#poller.stop();
  }

  async #round(
    session: Session,
    exchange: Exchange,
    over: () => boolean,
    onFirst: (first: Result<Taken>) => void,
  ): Promise<RoundOutcome> {
    const { lcuNo } = session.lcu;
    const holdingOf: HoldingOf = (epoch) => this.#holdings.of(lcuNo, epoch);
    const pollOnce: PollOnce = (acks, want) => this.#pollOnce(session, exchange, acks, want);
    const previousOf: PreviousOf = (epoch) => this.#deps.derived.start(lcuNo, epoch)?.previous;
    const outcome = await runRound(session, { holdingOf, previousOf, pollOnce, over, onFirst }).catch(
      (error: unknown): RoundOutcome => {
        const first = this.#failed(session, error);
        onFirst(first);
        return { first, polls: 0, entriesStored: 0, good: false };
      },
    );
    this.#rounds++;
    if (!outcome.good) this.#roundsFailed++;
    return outcome;
  }

  /** What the store threw ends the poll, not the process. */
  #failed({ lcu }: Session, error: unknown): Refusal {
    this.#deps.log.error({ lcu: lcu.lcuId, code: codeOf(error), err: error }, 'poll failed');
    return refuse(codeOf(error), error instanceof FarolaError ? error.facts : { reason: String(error) });
  }

  async #pollOnce(session: Session, exchange: Exchange, acks: readonly Ack[], want: Want): Promise<Result<Taken>> {
    const reply = await exchange.ask(acks, want);
    const result = reply.ok ? await this.#take(reply, session) : reply;
    this.#record(session, result);
    return result;
  }

  async #take(reply: Parameters<typeof takeAnswer>[0], session: Session): Promise<Result<Taken>> {
    const { verify, revoked, ledger, commit, derived } = this.#deps;
    const holdings = this.#holdings;
    const bootOf: TakeDeps['bootOf'] = (lcuNo, epoch) => derived.start(lcuNo, epoch)?.boot;
    try {
      return await this.#turns.run(session.lcu.lcuNo, () =>
        takeAnswer(reply, session, { verify, revoked, ledger, commit, holdings, bootOf, forks: this.#forks }),
      );
    } catch (error) {
      return this.#failed(session, error);
    }
  }

  #record({ lcu, closed }: Session, result: Result<Taken>): void {
    const { contacts, clock, log } = this.#deps;
    if (!result.ok && closed && result.code === 'lcu-not-connected') return;
    contacts.record(lcu.lcuNo, {
      verdict: result.ok ? 'ok' : result.code,
      atMs: clock.now().wallMs,
      entriesStored: result.ok ? result.value.entriesStored : 0,
      backlog: result.ok ? result.value.backlog : undefined,
      codeHash: result.ok ? result.value.codeHash : undefined,
    });
    if (!result.ok) log.warn({ lcu: lcu.lcuId, code: result.code, ...result.facts }, 'poll failed');
  }

  #stray(frame: Uint8Array, asked: Asked | undefined, receivedMonoMs: number): void {
    const judged = verifyAnswer(frame, asked, receivedMonoMs, this.#deps.verify, this.#deps.revoked);
    if (!judged.ok) this.#deps.log.warn({ lcu: asked?.lcuId, code: judged.code, ...judged.facts }, 'frame refused');
  }

  #gone({ lcu }: Session): void {
    this.#holdings.forget(lcu.lcuNo);
    this.#deps.log.info({ lcu: lcu.lcuId }, 'LCU disconnected');
  }
}
