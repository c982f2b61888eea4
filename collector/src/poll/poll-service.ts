import {
  type Ack,
  type Clock,
  codeOf,
  type ErrorCode,
  FarolaError,
  refuse,
  type Refusal,
  type Result,
  type Timers,
  toHex,
  type Verify,
  type Want,
} from '@farola/shared';
import type { DerivedState } from '../fleet/derived-state.js';
import type { Fleet, Lcu } from '../fleet/fleet.js';
import type { GroupCommit } from '../ledger/group-commit.js';
import { Holdings } from '../ledger/holdings.js';
import type { Ledger, LedgerReader } from '../ledger/ledger.js';
import type { Channel } from '../link/channel.js';
import type { Greeted } from '../link/hello-exchange.js';
import type { Log } from '../log/log.js';
import type { FindRevoked } from '../verify/check-code.js';
import { verifyAnswer } from '../verify/verify-answer.js';
import { BranchRoom } from './branch-room.js';
import type { Contacts } from './contacts.js';
import { Contradictions } from './contradictions.js';
import type { Exchange, ExchangeDeps, OnStray } from './exchange.js';
import type { PollObserver, Verdict } from './poll-observer.js';
import type { Orders } from './orders.js';
import { Poller, type Rounds } from './poller.js';
import { PresentEpochs } from './present-epochs.js';
import { type RoundDeps, runRound, type Taken } from './run-round.js';
import type { Session } from './session.js';
import { StandingOrder } from './standing-order.js';
import { StoredOfLcu } from './stored-of-lcu.js';
import { StoreTroubles } from './store-troubles.js';
import { answerStored, type AnswerToStore, judgeReply, type TakeDeps } from './take-answer.js';
import { UnfinishedWalks } from './unfinished-walks.js';
import { Withheld } from './withheld.js';
import { chainToAck, heldToAck, heldToAsk, isEndHeld, isHeldAsNamed, mayShowChain, wantTelling } from './unit-chains.js';

/** What the polling of a fleet needs. */
export interface PollServiceDeps extends ExchangeDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly verify: Verify;
  readonly revoked: FindRevoked;
  readonly ledger: Pick<Ledger, 'headAt' | 'detail' | 'holding' | 'epochsOf' | 'branches' | 'judge'> &
    Pick<LedgerReader, 'rows' | 'rowOf' | 'judgements'>;
  readonly fleet: Pick<Fleet, 'find' | 'decide' | 'version'>;
  readonly commit: Pick<GroupCommit<AnswerToStore>, 'submit'>;
  readonly derived: Pick<DerivedState, 'start' | 'successors'>;
  readonly contacts: Contacts;
  /** Told what reading or noting a contact threw: what was answered is stored all the same. */
  readonly stateFailed: (error: unknown) => void;
  readonly log: Log;
  /** What is brought to an LCU beside polls, in this order. */
  readonly orders?: readonly Orders[];
  /** Length of a round, ms. */
  readonly roundMs: number;
  /** Nobody when it is not told. */
  readonly observer?: PollObserver;
}

/** Failures of the collector itself, which no LCU is charged with. */
const OURS: ReadonlySet<ErrorCode> = new Set(['disk-failure', 'ledger-corrupt', 'ledger-slot-full', 'internal']);

/** Polls every connected LCU and takes what they answer into the ledger. */
export class PollService {
  readonly #deps: PollServiceDeps;
  readonly #holdings: Holdings;
  readonly #poller: Poller;
  readonly #taking: TakeDeps;
  readonly #troubles: StoreTroubles;
  readonly #withheld: Withheld;
  /** Outcomes of polls whose answers were verified, and could not be stored. */
  readonly #unstored = new WeakSet<Refusal>();
  readonly #walks = new UnfinishedWalks();
  #rounds = 0;
  #roundsFailed = 0;
  #reviewedVersion: number;

  constructor(deps: PollServiceDeps) {
    this.#deps = deps;
    const { verify, revoked, ledger, derived, fleet } = deps;
    this.#reviewedVersion = fleet.version();
    this.#withheld = new Withheld(deps.clock, deps.roundMs);
    this.#holdings = new Holdings(ledger);
    this.#troubles = new StoreTroubles(deps.log);
    const order = new StandingOrder(deps);
    this.#taking = {
      verify,
      revoked,
      ledger,
      holdings: this.#holdings,
      room: new BranchRoom(deps.clock),
      presents: new PresentEpochs(),
      derived,
      contradictions: new Contradictions({ ...deps, order }),
      order,
    };
    this.#poller = new Poller({
      ...deps,
      roundsOf: (session, exchange, over) => this.#roundsOf(session, exchange, over),
      due: (lateMs) => deps.observer?.roundDue(lateMs),
      stray: (...told) => this.#stray(...told),
      failed: (session, error) => {
        const refusal = this.#failed(session, error);
        this.#record(session, refusal);
        return refusal;
      },
      decided: ({ lcu }, atMs, first) => {
        const verdict = this.#verdictOf(first);
        if (verdict !== undefined) deps.observer?.roundDecided(lcu, atMs, verdict);
      },
      ended: (good, tookMs) => this.#ended(good, tookMs),
      gone: (session) => this.#gone(session),
    });
  }

  /** LCUs connected now, and how many rounds of one LCU ended since the start, with every poll good or not. */
  get counts(): { readonly connected: number; readonly rounds: number; readonly roundsFailed: number } {
    return { connected: this.#poller.connected, rounds: this.#rounds, roundsFailed: this.#roundsFailed };
  }

  /** Why nothing that LCUs answer is stored now; undefined while it is. */
  get storeTrouble(): FarolaError | undefined {
    return this.#troubles.ofAll;
  }

  /** Whether an LCU is connected now. */
  isConnected(lcuNo: number): boolean {
    return this.#poller.isConnected(lcuNo);
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

  /** Ends every connection in order, so that LCUs come back by the keys that are in force now. */
  hangUp(): void {
    this.#poller.hangUp('keys-replaced');
  }

  /** The version of the fleet when it was looked at last. */
  get reviewedVersion(): number {
    return this.#reviewedVersion;
  }

  /** Looks at the fleet again after a change. */
  review(find: (lcuId: string) => Lcu | undefined): void {
    const version = this.#deps.fleet.version();
    this.#poller.review(find);
    this.#reviewedVersion = version;
  }

  /** Ends every connection and waits for the rounds that run. */
  stop(): Promise<void> {
    return this.#poller.stop();
  }

  /** What a round needs is made when it begins: between rounds a connection is to hold little. */
  #roundsOf(session: Session, exchange: Exchange, over: () => boolean): Rounds {
    return (onFirst) => {
      this.#walks.resume(session);
      return runRound(session, this.#roundDeps(session, exchange, over), onFirst);
    };
  }

  #roundDeps(session: Session, exchange: Exchange, over: () => boolean): RoundDeps {
    const { lcuNo } = session.lcu;
    const { derived, ledger } = this.#deps;
    const held = new StoredOfLcu(session, this.#taking);
    const chainOf = (epoch: Uint8Array): Uint8Array => chainToAck(session, epoch, this.#taking) ?? epoch;
    return {
      holdingOf: (epoch) => heldToAck(session, epoch, this.#taking),
      heldToAsk: (epoch) => heldToAsk(session, epoch, this.#taking),
      previousOf: (epoch) => derived.start(lcuNo, epoch)?.previous,
      isWhole: (named) => isHeldAsNamed(named, session.lcu, held),
      isEndHeld: (named) => isEndHeld(named, session.lcu, held),
      headAt: (epoch, n) => ledger.headAt(lcuNo, chainOf(epoch), n),
      telling: (epoch, first, last) => wantTelling(epoch, first, last, session, held),
      bytelessIn: (epoch, from, to) => this.#holdings.byteless(lcuNo, chainOf(epoch), from, to),
      mayBeHere: (epoch, first, last) => mayShowChain(epoch, first, last, session, held),
      pollOnce: (acks, want) => this.#pollOnce(session, exchange, acks, want),
      heldBack: (want) => this.#heldBack(session, want),
      bringOrders: () => (this.#isOwedOrders(session) ? this.#bringOrders(session, exchange) : undefined),
      over,
    };
  }

  /** Of an epoch with several chains nothing comes for other reasons too: its unit may be of another one. */
  #heldBack(session: Session, want: Want): void {
    const { lcuNo } = session.lcu;
    const [, epoch] = want;
    if (this.#isForked(lcuNo, epoch)) return;
    const facts = this.#withheld.asked(lcuNo, want);
    if (!facts) return;
    const finding = { code: 'entries-withheld', facts, grave: false, epoch } as const;
    this.#taking.contradictions.found(session, finding, this.#deps.clock.now().wallMs, null);
  }

  #isForked(lcuNo: number, epoch: Uint8Array): boolean {
    return this.#holdings.kept(lcuNo, epoch).branches > 1;
  }

  #ended(good: boolean, tookMs: number): void {
    this.#rounds++;
    if (!good) this.#roundsFailed++;
    this.#deps.observer?.roundEnded(tookMs);
  }

  #isOwedOrders(session: Session): boolean {
    return this.#deps.orders?.some((order) => order.waitsFor(session)) ?? false;
  }

  /** Between polls, since the next frame of an LCU counts as the answer to what was sent last. */
  async #bringOrders(session: Session, exchange: Exchange): Promise<void> {
    for (const order of this.#deps.orders ?? []) {
      if (!session.closed && order.waitsFor(session)) await order.deliver(session, (frame) => exchange.tell(frame));
    }
  }

  /** What the store threw ends the poll, not the process. */
  #failed({ lcu }: Session, error: unknown): Refusal {
    if (error instanceof FarolaError) return refuse(codeOf(error), { ...error.facts, lcu: lcu.lcuId });
    this.#deps.log.error({ lcu: lcu.lcuId, code: codeOf(error), err: error }, 'poll failed');
    return refuse(codeOf(error), { reason: String(error) });
  }

  /** When it resolves with ok, all of the answer is durable. Codes: those of `judgeReply`, `ledger-slot-full`, `disk-failure`. */
  async #pollOnce(session: Session, exchange: Exchange, acks: Ack[], want: Want): Promise<Result<Taken>> {
    let result: Result<Taken>;
    let verified = false;
    try {
      const reply = await exchange.ask(acks, want);
      const toStore = reply.ok ? judgeReply(reply, session, this.#taking) : reply;
      verified = toStore.ok;
      if (toStore.ok) await this.#deps.commit.submit(toStore.value);
      result = toStore.ok ? { ok: true, value: answerStored(toStore.value, session, this.#taking) } : toStore;
    } catch (error) {
      const refusal = this.#failed(session, error);
      if (verified) this.#unstored.add(refusal);
      result = refusal;
    }
    this.#record(session, result);
    return result;
  }

  /** How a round counts for its LCU: a verified answer is good whatever our store does; of another failure of ours nothing is known. */
  #verdictOf(first: Result<Taken>): Verdict | undefined {
    if (first.ok || this.#unstored.has(first)) return 'ok';
    return OURS.has(first.code) ? undefined : first.code;
  }

  #record(session: Session, result: Result<Taken>): void {
    const { lcu, closed } = session;
    const { contacts, clock, log, observer } = this.#deps;
    if (!result.ok && closed && result.code === 'lcu-not-connected') return;
    observer?.polled(result.ok ? 'ok' : result.code, result.ok ? result.value.entriesStored : 0);
    try {
      contacts.record(lcu.lcuNo, {
        verdict: result.ok ? 'ok' : result.code,
        atMs: clock.now().wallMs,
        entriesStored: result.ok ? result.value.entriesStored : 0,
        backlog: result.ok ? result.value.backlog : undefined,
        codeHash: result.ok ? result.value.codeHash : undefined,
      });
    } catch (error) {
      this.#deps.stateFailed(error);
    }
    if (!this.#troubles.take(session, result) && !result.ok)
      log.warn({ code: result.code, ...result.facts, lcu: lcu.lcuId }, 'poll failed');
  }

  #stray({ lcu }: Session, ...[frame, asked, receivedMonoMs, isLateTold]: Parameters<OnStray>): void {
    const { verify, revoked, log } = this.#deps;
    if (isLateTold) return log.warn({ lcu: lcu.lcuId, code: 'answer-late' }, 'answer of a message beside polls came late');
    const judged = verifyAnswer(frame, asked, receivedMonoMs, verify, revoked);
    if (!judged.ok) log.warn({ ...judged.facts, lcu: lcu.lcuId, code: judged.code }, 'frame refused');
  }

  #gone(session: Session): void {
    const { lcu } = session;
    this.#walks.keep(session);
    this.#holdings.forget(lcu.lcuNo);
    this.#deps.log.info({ lcu: lcu.lcuId }, 'LCU disconnected');
  }
}
