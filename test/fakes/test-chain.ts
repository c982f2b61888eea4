import type { ProvenRange } from '@farola/collector/ledger/judge-range.js';
import {
  type AnalyserRow,
  chainNext,
  chainSeed,
  encodeEntry,
  type KnownEntry,
  type SampleEntry,
  type StartEntry,
} from '@farola/shared';

/** Wall time at monotonic time 0 of a test chain, ms. */
export const WALL_AT_BOOT_MS = Date.UTC(2026, 10, 22);

/** One epoch of one LCU: its entries and their chain, to cut ranges from. */
export class TestChain {
  readonly lcuId: string;
  readonly epoch: Uint8Array;
  readonly boot: Uint8Array;
  readonly entries: Uint8Array[] = [];
  /** h(0), h(1), ... */
  readonly heads: Uint8Array[];

  /** @param byte fills the epoch and the boot id, so that chains of other bytes differ */
  constructor(lcuId = 'malaga-0042', byte = 1, boot = byte) {
    this.lcuId = lcuId;
    this.epoch = new Uint8Array(8).fill(byte);
    this.boot = new Uint8Array(16).fill(boot);
    this.heads = [chainSeed(lcuId, this.epoch)];
  }

  get last(): number {
    return this.entries.length;
  }

  get seed(): Uint8Array {
    return this.head(0);
  }

  head(n: number): Uint8Array {
    const head = this.heads[n];
    if (!head) throw new RangeError(`entry ${n} is not written`);
    return head;
  }

  /** Writes entries; the chain goes on. */
  add(...entries: readonly (KnownEntry | Uint8Array)[]): this {
    for (const entry of entries) {
      const bytes = entry instanceof Uint8Array ? entry : encodeEntry(entry);
      this.heads.push(chainNext(this.head(this.last), bytes));
      this.entries.push(bytes);
    }
    return this;
  }

  /** Writes samples of analyser 0 up to this number of entries, the first of them a start; each a second later. */
  grow(upTo: number): this {
    if (this.last === 0) this.add(start(this.boot, [analyser(0, 'main')]));
    while (this.last < upTo) this.add(sample(0, this.last * 1000, [this.last]));
    return this;
  }

  /** The same entries up to n - 1, then one of other bytes: what a clone or an altered journal has. */
  forkAt(n: number): TestChain {
    const fork = new TestChain(this.lcuId);
    fork.epoch.set(this.epoch);
    fork.boot.set(this.boot);
    fork.heads[0] = this.seed;
    fork.add(...this.entries.slice(0, n - 1), sample(0, n * 1000, [-n]));
    return fork.add(...this.entries.slice(n));
  }

  /** from..to as a verified answer proves it. */
  range(from: number, to: number): ProvenRange {
    return { epoch: this.epoch, ...this.held(from, to), heads: this.heads.slice(from - 1, to + 1) };
  }

  /** from..to as the ledger holds it. */
  held(from: number, to: number): { from: number; to: number; prev: Uint8Array; head: Uint8Array } {
    return { from, to, prev: this.head(from - 1), head: this.head(to) };
  }
}

/** A row of an analyser table. */
export function analyser(index: number, id: string, change: Partial<AnalyserRow> = {}): AnalyserRow {
  return {
    index,
    id,
    line: 'rs485',
    unit: index + 1,
    profileId: 'circutor-cvm-c10',
    profileHash: new Uint8Array(32),
    profileOrigin: 'shipped',
    serialNumber: `sn-${id}`,
    ctRatio: null,
    vtRatio: null,
    quantities: [1],
    periodS: 60,
    ...change,
  };
}

/** A start entry at monotonic time `monoMs`. */
export function start(boot: Uint8Array, analysers: readonly AnalyserRow[], monoMs = 0): StartEntry {
  return {
    kind: 'start',
    at: at(monoMs),
    boot,
    previous: null,
    codeHash: null,
    configHash: new Uint8Array(32),
    agentVersion: '0.1.0',
    analysers,
  };
}

/** A sample of an analyser at monotonic time `monoMs`. */
export function sample(index: number, monoMs: number, values: readonly number[] = [1]): SampleEntry {
  return { kind: 'sample', at: at(monoMs), analyser: index, spanMs: 100, status: 'complete', values };
}

function at(monoMs: number): KnownEntry['at'] {
  return { monoMs, wallMs: WALL_AT_BOOT_MS + monoMs, quality: 'synchronised' };
}
