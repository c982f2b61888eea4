import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AggregateReader, AggregateStore } from '@farola/collector/aggregate/aggregate-store.js';
import { LedgerFollower } from '@farola/collector/aggregate/follow-ledger.js';
import { intervalSeries, type QuantitySeries } from '@farola/collector/aggregate/interval-series.js';
import type { IntervalKind } from '@farola/collector/aggregate/intervals.js';
import { openSqliteAggregateReader, openSqliteAggregates } from '@farola/collector/aggregate/sqlite-aggregates.js';
import { planOf } from '@farola/collector/aggregate/quarter-periods.js';
import { ZoneClock } from '@farola/collector/aggregate/zone-clock.js';
import type { Lcu, PanelStay } from '@farola/collector/fleet/fleet.js';
import type { FarolaError, KnownEntry, SampleValue, StartEntry } from '@farola/shared';
import { MemoryLedger } from './memory-ledger.js';
import { temporaryFolder } from './temporary-folder.js';
import { testAnswer, type TestAnswerOptions } from './test-answer.js';
import { analyser, start, type TestChain } from './test-chain.js';

/** Wall time at monotonic time 0 of the LCUs here, ms. */
const BOOT_MS = Date.UTC(2026, 0, 1);

/** activeEnergyImportTotal and activePowerTotal: what the analysers here measure. */
export const ENERGY = 20;
/** See ENERGY. */
export const POWER = 19;

/** An analyser `main` with energy and power. */
export const METER = analyser(0, 'main', { quantities: [ENERGY, POWER] });

/** What every sample of METER tells beside its values. */
export const OF_METER = {
  periodS: METER.periodS,
  plan: planOf([METER]),
  flagged: new Set<number>(),
  exchanged: new Set<number>(),
  glitches: new Set<number>(),
};

/** Both clocks of an LCU whose clock is right. */
export function atWall(wallMs: number): KnownEntry['at'] {
  return { monoMs: wallMs - BOOT_MS, wallMs, quality: 'synchronised' };
}

/** A start entry at a wall time. */
export function startAt(wallMs: number, boot: Uint8Array, analysers = [METER]): StartEntry {
  return { ...start(boot, analysers), at: atWall(wallMs) };
}

/** A sample of analyser 0 at a wall time. */
export function sampleAt(wallMs: number, ...values: readonly SampleValue[]): KnownEntry {
  return { kind: 'sample', at: atWall(wallMs), analyser: 0, spanMs: 100, status: 'complete', values };
}

/** A sample each minute, of a counter that rises evenly and the power that goes with it. @param to not included */
export function minutes(fromMs: number, to: number, wh: number, perMinuteWh: number): KnownEntry[] {
  const count = Math.ceil((to - fromMs) / 60_000);
  return Array.from({ length: count }, (_, i) => sampleAt(fromMs + i * 60_000, wh + i * perMinuteWh, perMinuteWh * 600));
}

/** A ledger in memory, `aggregates.db` in a folder, and the follower between them. */
export class AggregateBench {
  ledger = new MemoryLedger();
  stays = new Map<number, PanelStay[]>([[0, [{ panel: 'plaza', lcuId: 'malaga-0042', fromMs: 0, toMs: null }]]]);
  version = 1;
  /** When the ledger is followed: at the last receipt. */
  followMs = 0;
  /** When readings are asked. */
  nowMs = Date.UTC(2026, 11, 31);
  onDamage: (error: FarolaError) => void = (error) => {
    throw error;
  };
  readonly store: AggregateStore;
  readonly reader: AggregateReader;
  #follower: LedgerFollower;

  constructor(store: AggregateStore, reader: AggregateReader) {
    this.store = store;
    this.reader = reader;
    this.#follower = this.#follow();
  }

  /** Appends from..to of a chain as an answer that came at a wall time. */
  receive(chain: TestChain, from: number, to: number, receivedAtMs: number, options: TestAnswerOptions = {}): void {
    this.followMs = receivedAtMs;
    this.ledger.append([testAnswer(chain, from, to, { receivedAtMs, nowMonoMs: receivedAtMs - BOOT_MS, ...options })]);
  }

  /** Follows the ledger until nothing is left to do. */
  follow(): void {
    while (this.#follower.step());
  }

  /** Begins anew, as another process does. */
  restart(): void {
    this.#follower = this.#follow();
  }

  /** Takes ledger and fleet of another bench, to follow them from the begin. */
  takeOver({ ledger, stays, followMs }: AggregateBench): void {
    this.ledger = ledger;
    this.stays = stays;
    this.followMs = followMs;
    this.restart();
  }

  /** One step of following. */
  step(): boolean {
    return this.#follower.step();
  }

  /** The series of `plaza/main`. */
  series(kind: IntervalKind, fromMs: number, toMs: number, zone = 'UTC', point = 'plaza/main'): QuantitySeries[] {
    const clock = new ZoneClock(zone);
    return intervalSeries(this.reader, { point, kind, clock, fromMs, toMs, nowMs: this.nowMs });
  }

  /** Its energy. */
  energy(kind: IntervalKind, fromMs: number, toMs: number, zone = 'UTC'): Extract<QuantitySeries, { kind: 'energy' }> {
    const found = this.series(kind, fromMs, toMs, zone).find((one) => one.kind === 'energy');
    if (!found) throw new RangeError('no energy was measured');
    return found;
  }

  #follow(): LedgerFollower {
    return new LedgerFollower({
      ledger: this.ledger,
      fleet: { list: () => [...this.stays.keys()].map((lcuNo) => ({ lcuNo }) as Lcu), version: () => this.version },
      derived: { panelStays: (lcuNo) => this.stays.get(lcuNo) ?? [] },
      store: this.store,
      now: () => this.followMs,
      onDamage: (error) => this.onDamage(error),
    });
  }
}

/** Opens a bench; it is closed at the end of the test. */
export async function openAggregateBench(t: ExecutionContext): Promise<AggregateBench> {
  const path = join(temporaryFolder(t), 'aggregates.db');
  const store = await openSqliteAggregates(path);
  const reader = await openSqliteAggregateReader(path);
  t.teardown(() => {
    reader.close();
    store.close();
  });
  return new AggregateBench(store, reader);
}
