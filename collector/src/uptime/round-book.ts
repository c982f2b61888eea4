import type { Clock } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';
import type { PollObserver, Verdict } from '../poll/poll-observer.js';
import { offsetInRound } from '../poll/spread.js';
import { COMES_WITHIN_MS } from './awaited.js';
import { endOf, type OutcomeRun } from './outcome-run.js';
import type { UptimeStore } from './uptime-store.js';

/** What the book works with. */
export interface RoundBookDeps {
  readonly store: Pick<UptimeStore, 'last' | 'write'>;
  readonly isConnected: (lcuNo: number) => boolean;
  readonly clock: Clock;
  /** Length of a round, ms. */
  readonly roundMs: number;
}

/** What is known of one LCU. */
interface Place {
  readonly lcuNo: number;
  /** Its place in a round, ms. */
  readonly offsetMs: number;
  /** Since when it may come: it was approved then, or the book began, wall time in ms. */
  joinedMs: number;
  /** When a round of it was decided last by a poll, wall time in ms: it had come by then. */
  cameMs: number;
  /** The run that its newest round belongs to; undefined when it never had one. */
  last: OutcomeRun | undefined;
}

/** A timer may come this much before the wall clock says so, ms; a tenth of a round where that is less. */
const EARLY_MS = 1_000;
/** Between two looks at the roster, ms: beyond, the collector was not there. */
const LONGEST_LOOK_MS = 15_000;

/**
 * Writes down what each round of each LCU came to. The first poll that begins in a round decides it; an LCU that is not
 * connected when its round is due is down for it, unless it could not have come yet. A round that nothing was seen of is not written:
 * it is unknown.
 */
export class RoundBook {
  readonly #deps: RoundBookDeps;
  readonly #places = new Map<number, Place>();
  /** Runs that are not written yet. */
  readonly #changed = new Set<OutcomeRun>();
  /** Who is in service. */
  #roster: readonly Place[] = [];
  #lookedMs: number;
  /** Since when every LCU in service could come: the collector began, or was back, wall time in ms. */
  #openMs: number;
  #closed = false;

  constructor(deps: RoundBookDeps) {
    this.#deps = deps;
    this.#lookedMs = deps.clock.now().wallMs;
    this.#openMs = this.#lookedMs;
  }

  /** Takes in who is in service: who is active or quarantined is polled. */
  setRoster(lcus: readonly Pick<Lcu, 'lcuNo' | 'lcuId' | 'state'>[]): void {
    const before = new Set(this.#roster);
    const { wallMs } = this.#deps.clock.now();
    this.#roster = lcus.filter(({ state }) => state === 'active' || state === 'quarantined').map((lcu) => this.#placeOf(lcu));
    for (const place of this.#roster) if (!before.has(place)) place.joinedMs = wallMs;
  }

  /**
   * The first poll of a round has ended. A connection that went while another took its place leaves the round to that one.
   * @param atMs wall time when the round began, ms
   * @throws FarolaError of the store
   */
  decided(lcu: Pick<Lcu, 'lcuNo' | 'lcuId'>, atMs: number, verdict: Verdict): void {
    const { roundMs, isConnected } = this.#deps;
    if (verdict === 'lcu-not-connected' && isConnected(lcu.lcuNo)) return;
    const early = Math.min(EARLY_MS, roundMs / 10);
    const place = this.#placeOf(lcu);
    place.cameMs = atMs;
    this.#record(place, lastDue(place.offsetMs, roundMs, atMs + early), verdict);
  }

  /** Has what the poller tells written down. @param failed told what the store throws: it fails no poll */
  observer(failed: (error: unknown) => void): PollObserver {
    return {
      roundDue: () => undefined,
      roundEnded: () => undefined,
      polled: () => undefined,
      roundDecided: (lcu, atMs, verdict) => {
        try {
          this.decided(lcu, atMs, verdict);
        } catch (error) {
          failed(error);
        }
      },
    };
  }

  /**
   * Looks who was due since the last look and is not connected. Call it each second. After a pause, a sleep of the machine
   * or a step of the clock what was due meanwhile stays unknown, and as after a start LCUs have time to come.
   * @throws FarolaError of the store
   */
  look(): void {
    const { clock, roundMs, isConnected } = this.#deps;
    const { wallMs } = clock.now();
    const sinceMs = this.#lookedMs;
    this.#lookedMs = wallMs;
    if (wallMs < sinceMs || wallMs - sinceMs > LONGEST_LOOK_MS) {
      this.#openMs = wallMs;
      return;
    }
    for (const place of this.#roster) {
      const dueMs = lastDue(place.offsetMs, roundMs, wallMs);
      if (dueMs > sinceMs && !isConnected(place.lcuNo) && this.#isMissed(place, dueMs))
        this.#record(place, dueMs, 'lcu-not-connected');
    }
  }

  /** Writes what changed. What could not be written is written with the next. @throws FarolaError of the store */
  flush(): void {
    if (this.#changed.size === 0) return;
    this.#deps.store.write([...this.#changed]);
    this.#changed.clear();
  }

  /** Takes nothing more: connections that end now say nothing of their LCUs. `flush` still writes. */
  close(): void {
    this.#closed = true;
  }

  /** Whether an LCU that is not there was there before, or has had the time to come. */
  #isMissed({ joinedMs, cameMs }: Place, dueMs: number): boolean {
    const openMs = Math.max(this.#openMs, joinedMs);
    return cameMs >= openMs || dueMs - openMs >= COMES_WITHIN_MS;
  }

  #placeOf({ lcuNo, lcuId }: Pick<Lcu, 'lcuNo' | 'lcuId'>): Place {
    let place = this.#places.get(lcuNo);
    if (!place) {
      place = {
        lcuNo,
        offsetMs: offsetInRound(lcuId, this.#deps.roundMs),
        joinedMs: this.#openMs,
        cameMs: -Infinity,
        last: undefined,
      };
      this.#places.set(lcuNo, place);
    }
    return place;
  }

  #record(place: Place, dueMs: number, outcome: Verdict): void {
    if (this.#closed) return;
    const { store, roundMs } = this.#deps;
    const { lcuNo } = place;
    const last = place.last ?? store.last(lcuNo);
    if (last && dueMs < endOf(last)) return;
    const goesOn = last && dueMs === endOf(last) && outcome === last.outcome && roundMs === last.roundMs;
    const run = goesOn ? { ...last, rounds: last.rounds + 1 } : { lcuNo, fromMs: dueMs, roundMs, rounds: 1, outcome };
    if (goesOn) this.#changed.delete(last);
    place.last = run;
    this.#changed.add(run);
  }
}

/** When the round that goes on at `wallMs` was due. */
function lastDue(offsetMs: number, roundMs: number, wallMs: number): number {
  return Math.floor((wallMs - offsetMs) / roundMs) * roundMs + offsetMs;
}
