import { type Clock, codeOf, FarolaError, refuse, toHex, type Verify } from '@farola/shared';
import type { FleetReader } from '../fleet/fleet.js';
import { goesByKeys, type KeysBook } from '../fleet/keys-book.js';
import type { Log } from '../log/log.js';
import type { Orders, Tell } from '../poll/orders.js';
import type { Session } from '../poll/session.js';
import { judgeAgainst, judgeKeysTaken, keysFrame, type SaidOfKeys } from './hand-keys.js';
import type { KeysInForce } from './keys-in-force.js';

/** What bringing keys to LCUs needs. */
export interface KeysRoundDeps {
  readonly keys: KeysInForce;
  readonly book: KeysBook;
  readonly fleet: Pick<FleetReader, 'findByKid' | 'list'>;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly log: Log;
}

/** Brings the newest keys statement to every LCU that connects and has not confirmed it, and knows who has. */
export class KeysRound implements Orders {
  readonly #deps: KeysRoundDeps;
  /** By number of the LCU, the hash of the statement that it goes by. */
  readonly #known: Map<number, string>;
  /** By session, the hash of the statement that it was offered: one that leaves it unanswered is not asked again. */
  readonly #offered = new WeakMap<Session, string>();
  readonly #toldBehind = new Set<number>();

  constructor(deps: KeysRoundDeps) {
    this.#deps = deps;
    this.#known = new Map(deps.book.all().map(({ lcuNo, keysHash }) => [lcuNo, toHex(keysHash)]));
  }

  /** Whether this LCU is known to go by the newest statement. */
  hasTaken(lcuNo: number): boolean {
    return this.#known.get(lcuNo) === this.#deps.keys.hashHex;
  }

  /** Names of the LCUs in use that are not known to go by the newest statement. */
  missing(): readonly string[] {
    const lcus = this.#deps.fleet.list().filter((lcu) => goesByKeys(lcu) && !this.hasTaken(lcu.lcuNo));
    return lcus.map(({ lcuId }) => lcuId);
  }

  waitsFor(session: Session): boolean {
    return !this.hasTaken(session.lcu.lcuNo) && this.#offered.get(session) !== this.#deps.keys.hashHex;
  }

  async deliver(session: Session, tell: Tell): Promise<void> {
    const { keys, log } = this.#deps;
    const { lcuNo, lcuId } = session.lcu;
    this.#offered.set(session, keys.hashHex);
    const reply = await tell(keysFrame(keys.newest));
    if (!reply.ok) {
      log.warn({ ...reply.facts, lcu: lcuId, code: reply.code }, 'keys not confirmed');
      return;
    }
    const said = judgeKeysTaken(reply.frame, this.#deps);
    if (!said.ok) {
      log.warn({ ...said.facts, lcu: lcuId, code: said.code }, 'keys not confirmed');
      return;
    }
    if (said.value.lcu.lcuNo === lcuNo) {
      this.said(said.value);
      return;
    }
    const { code, facts } = refuse('lcu-mismatch', { named: said.value.lcu.lcuId, lcu: lcuId });
    log.warn({ code, ...facts }, 'keys not confirmed');
  }

  /** Takes in what an LCU said, by whatever way. */
  said(said: SaidOfKeys): void {
    const { book, clock, keys, log } = this.#deps;
    const { lcu, sequence, keysHash } = said;
    const refusal = judgeAgainst(said, keys);
    if (refusal && !this.#toldBehind.has(lcu.lcuNo)) {
      const { code, facts } = refusal;
      log.error({ ...facts, code, hint: new FarolaError(code, facts).hint }, 'keys not confirmed');
      this.#toldBehind.add(lcu.lcuNo);
    }
    if (!refusal) {
      log.info({ lcu: lcu.lcuId, sequence }, 'keys confirmed');
      this.#toldBehind.delete(lcu.lcuNo);
    }
    try {
      book.note({ lcuNo: lcu.lcuNo, sequence, keysHash, atMs: clock.now().wallMs });
      this.#known.set(lcu.lcuNo, toHex(keysHash));
    } catch (error) {
      log.error({ lcu: lcu.lcuId, code: codeOf(error), err: error }, 'what an LCU said of its keys could not be kept');
    }
  }
}
