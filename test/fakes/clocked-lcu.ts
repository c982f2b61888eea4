import { type ClockQuality, type EventCode, type Instant, toHex } from '@farola/shared';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import type { Reading } from '@farola/collector/api/reading.js';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import type { CollectorRig } from './collector-rig.js';
import { seededRandom } from './seeded-random.js';
import { analyser } from './test-chain.js';
import { testSigner } from './test-signer.js';

const ID = 'malaga-0042';
const MINUTE_MS = 60_000;

/** An LCU whose wall clock a test sets; its monotonic clock runs with the collector's, from 0 at each boot. */
export class Clocked {
  readonly rig: CollectorRig;
  readonly lcu: SimulatedLcu;
  /** When each sample was taken, ms since 1970, by epoch and number. */
  readonly taken = new Map<string, number>();
  /** What its wall clock is ahead of the true time, ms. */
  aheadMs: number;
  quality: ClockQuality;
  readonly #options = {
    lcuId: ID,
    signer: testSigner(2),
    random: seededRandom('clocked'),
    boot: bootOf('b0'),
    now: () => this.now(),
    analysers: [analyser(0, 'main')],
  };
  #bootedMs: number;
  #boots = 0;

  constructor(rig: CollectorRig, aheadMs = 0, quality: ClockQuality = 'synchronised') {
    this.rig = rig;
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.#bootedMs = rig.time.now().monoMs;
    this.lcu = new SimulatedLcu(this.#options);
    rig.enrol(ID, testSigner(2));
  }

  now(): Instant {
    const { monoMs, wallMs } = this.rig.time.now();
    return { monoMs: monoMs - this.#bootedMs, wallMs: Math.max(0, wallMs + this.aheadMs), quality: this.quality };
  }

  /** Takes a sample each minute, the first in a minute. */
  async run(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await this.rig.time.advance(MINUTE_MS);
      const n = this.lcu.append({ kind: 'sample', at: this.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] });
      this.taken.set(`${toHex(this.lcu.present.epoch)} ${n}`, this.rig.time.now().wallMs);
    }
  }

  event(code: EventCode): void {
    this.lcu.append({ kind: 'event', at: this.now(), code, facts: [] });
  }

  /** Changes the wall clock and records it, as the agent does. */
  set(aheadMs: number, quality: ClockQuality): void {
    const before = this.now();
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.lcu.append({ kind: 'clock', at: this.now(), before });
  }

  /** After a power cut: another boot, another epoch, the journal as it was. */
  reboot(aheadMs: number, quality: ClockQuality): void {
    this.#options.boot = bootOf((0xb0 + ++this.#boots).toString(16));
    this.#bootedMs = this.rig.time.now().monoMs;
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.lcu.beginEpoch();
  }

  connect(): void {
    this.rig.connect(this.lcu);
  }
}

/** What the collector shows of it, all of it. */
export function readings({ state, ledger, fleet, writer }: CollectorRig): Reading[] {
  writer.flush();
  const lcu = fleet.find(ID);
  if (!lcu) throw new Error('no LCU');
  return [
    ...readingsBetween(
      { ledger, derived: state.derived, countsAt: () => true },
      { lcu },
      { fromMs: 0, toMs: 8e15, untilMs: 8e15 },
    ),
  ];
}

/** How many minutes ago each reading was taken, and what that rests on. */
export function dated(rig: CollectorRig): string[] {
  const { wallMs } = rig.time.now();
  return readings(rig)
    .sort((a, b) => b.takenAtMs - a.takenAtMs)
    .map(({ takenAtMs, dating }) => `${Math.round((wallMs - takenAtMs) / MINUTE_MS)} min ${dating}`);
}

/** The number of the latest sample. */
export function latest(rig: CollectorRig): number | undefined {
  rig.writer.flush();
  return rig.state.derived.latest(0)[0]?.n;
}
