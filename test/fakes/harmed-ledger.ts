import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ExecutionContext } from 'ava';
import { cutItems, decodeEntry, encodeEntry, encodeItems, type SampleEntry } from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { ROUND_MS } from './collector-rig.js';
import { FakeTime } from './fake-time.js';
import { type CollectorOnDisk, collectorOnDisk } from './stopped-collector.js';
import { analyser } from './test-chain.js';
import { testSigner } from './test-signer.js';

/** A collector that stored some hours of two LCUs, and is stopped; its ledger can be harmed, and mended. */
export class HarmedLedger {
  /** The LCUs, and the measuring point of the first. */
  static readonly LCUS = ['malaga-0042', 'malaga-0043'] as const;
  static readonly BEGIN_MS = Date.UTC(2025, 0, 10);
  readonly on: CollectorOnDisk;
  /** Keys of the rows of each LCU, in order. */
  readonly keys: readonly (readonly number[])[];
  readonly month = '2025-01';

  private constructor(on: CollectorOnDisk) {
    this.on = on;
    cpSync(on.paths.ledger, this.#copy, { recursive: true });
    const keys = this.#with((db) => db.prepare<[], number>('SELECT key FROM answers ORDER BY key').pluck().all());
    this.keys = [0, 1].map((lcuNo) => keys.filter((key) => Math.floor(key / 512) % 2 ** 20 === lcuNo));
  }

  static async of(t: ExecutionContext, rounds = 24): Promise<HarmedLedger> {
    const on = await collectorOnDisk(t, new FakeTime(HarmedLedger.BEGIN_MS));
    const { rig } = on;
    const lcus = HarmedLedger.LCUS.map((lcuId, i) => {
      const points = [analyser(0, `main-${i}`, { periodS: 300 })];
      rig.enrol(lcuId, testSigner(i + 2));
      const lcu = rig.simulate(lcuId, i + 2, points);
      rig.connect(lcu);
      return lcu;
    });
    for (let round = 0; round < rounds; round++) {
      for (const lcu of lcus) lcu.append(sampleOf(rig.time.now(), round));
      await rig.time.advance(ROUND_MS);
    }
    await rig.time.advance(60_000);
    rig.tick();
    await rig.close();
    return new HarmedLedger(on);
  }

  get #copy(): string {
    return join(this.on.stateDir, '..', 'copy');
  }

  get #path(): string {
    return join(this.on.paths.ledger, `${this.month}.db`);
  }

  /** Changes a value that a row keeps, as somebody with the disk would: all else of it stays. */
  alterValue(key: number): void {
    this.#with((db) => {
      const { entries } = db.prepare<[number], { entries: Buffer }>('SELECT entries FROM answers WHERE key = ?').get(key)!;
      const items = cutItems(new Uint8Array(entries)).items.map((bytes) => {
        const entry = decodeEntry(bytes);
        return entry.kind === 'sample'
          ? encodeEntry({ ...entry, values: entry.values.map((value) => Number(value) + 7) })
          : bytes;
      });
      db.prepare('UPDATE answers SET entries = ? WHERE key = ?').run(encodeItems(items), key);
    });
  }

  /** Takes a row away, and leaves what lists it. */
  deleteRow(key: number): void {
    this.#with((db) => void db.prepare('DELETE FROM answers WHERE key = ?').run(key));
  }

  /** Changes a bit of the signed answer of a row. */
  alterSigned(key: number): void {
    this.#with((db) => {
      const answer = db.prepare<[number], Buffer>('SELECT answer FROM answers WHERE key = ?').pluck().get(key)!;
      answer[answer.length - 1]! ^= 1;
      db.prepare('UPDATE answers SET answer = ? WHERE key = ?').run(answer, key);
    });
  }

  /** Brings the files of the ledger back, as from a backup. */
  mend(): void {
    rmSync(this.on.paths.ledger, { recursive: true });
    cpSync(this.#copy, this.on.paths.ledger, { recursive: true });
  }

  #with<Value>(work: (db: Database.Database) => Value): Value {
    const db = new Database(this.#path);
    try {
      return work(db);
    } finally {
      db.close();
    }
  }
}

function sampleOf(at: ReturnType<SimulatedLcu['options']['now']>, round: number): SampleEntry {
  return { kind: 'sample', at, analyser: 0, spanMs: 1, status: 'complete', values: [10_000 + round * 20] };
}
