import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { toHex } from '@farola/shared';
import type { DiskImage, HistoryUnit } from './history-unit.js';
import type { HistoryWorld } from './history-world.js';

/** What may happen in a history beside samples, connections, restarts and full journals. */
export interface HistoryKind {
  /** Units that one key has at the most, and how many of them lie. */
  readonly units: number;
  readonly liars: number;
  /** The collector is restored from backups. */
  readonly backups: boolean;
  /** Journals lose their last commits, are damaged, or are restored from older copies. */
  readonly losses: boolean;
}

interface EntryRow {
  readonly epoch_id: number;
  readonly n: number;
  readonly bytes: Uint8Array;
  readonly epoch: Uint8Array;
}

const HOUR_MS = 3_600_000;

/** Draws what happens next in a history, and lets it happen. */
export class HistoryMoves {
  readonly #world: HistoryWorld;
  readonly #kind: HistoryKind;
  #backup: string | undefined;
  readonly #images = new Map<HistoryUnit, DiskImage>();

  constructor(world: HistoryWorld, kind: HistoryKind) {
    this.#world = world;
    this.#kind = kind;
  }

  /** One turn. */
  async turn(): Promise<void> {
    const { dice, time, units } = this.#world;
    const unit = dice.pick(units);
    const what = dice.below(20);
    if (what < 10) await this.#live(unit);
    else if (what < 12) await this.#restart(unit);
    else if (what === 12) await time.advance(dice.oneIn(2) ? HOUR_MS : 2 * ROUND_MS);
    else if (what === 13) await (dice.oneIn(2) ? this.#world.kill() : this.#world.stop());
    else if (what < 16) await this.#copyUnit(unit);
    else if (what < 18 && this.#kind.backups) await this.#backUp();
    else if (what >= 18 && this.#kind.losses) await this.#lose(unit);
  }

  /** It measures, connects, breaks off. */
  async #live(unit: HistoryUnit): Promise<void> {
    const { dice, time } = this.#world;
    const most = dice.oneIn(2) ? 20 : dice.oneIn(5) ? 300 : 60;
    await unit.measure(1 + dice.below(most), dice.oneIn(4) ? 200 : 1000);
    if (!dice.oneIn(5)) {
      unit.connect(dice.oneIn(2) ? Infinity : 2 + dice.below(4));
      await time.advance(dice.pick([10, 100, 2000, 15_000]));
      if (dice.oneIn(2)) unit.link?.cut();
    }
    if (dice.oneIn(2)) await time.advance(ROUND_MS);
  }

  async #restart(unit: HistoryUnit): Promise<void> {
    unit.close();
    await unit.open();
  }

  /** Somebody else has its key: with its memory, in the same epoch, or with its disk. */
  async #copyUnit(unit: HistoryUnit): Promise<void> {
    const { dice, units } = this.#world;
    if (units.length >= this.#kind.units) return;
    const name = `u${units.length}`;
    const lies = units.length >= this.#kind.units - this.#kind.liars;
    this.#world.spared = false;
    units.push(dice.oneIn(3) ? await unit.copy(name, lies) : await unit.twin(name, lies));
  }

  /** A backup of the collector is taken, or put back. */
  async #backUp(): Promise<void> {
    const { dice } = this.#world;
    if (!this.#backup) this.#backup = this.#world.copyCollector();
    else if (dice.oneIn(2)) {
      await this.#world.restore(this.#backup, dice.oneIn(2));
      this.#backup = undefined;
    }
  }

  /** A copy of a disk is taken, to be put back later: a moment later, commits were lost; else somebody restored it. Or rows are damaged. */
  async #lose(unit: HistoryUnit): Promise<void> {
    const { dice, oracle, time } = this.#world;
    const image = this.#images.get(unit);
    this.#world.spared = false;
    unit.close();
    if (dice.oneIn(3)) this.#strike(unit);
    else if (image && dice.oneIn(2)) {
      this.#images.delete(unit);
      oracle.forgetUnit(unit);
      return unit.restore(image);
    } else if (dice.oneIn(2)) {
      const before = unit.image();
      await unit.open();
      await unit.measure(1 + dice.below(4), 1000);
      unit.connect();
      await time.advance(2000);
      unit.close();
      oracle.forgetUnit(unit);
      return unit.restore(before);
    } else this.#images.set(unit, unit.image());
    await unit.open();
  }

  /** One row of its journal is other than it was, or gone: it may cost the next one too, which it proves. */
  #strike(unit: HistoryUnit): void {
    const { dice } = this.#world;
    const db = new Database(join(unit.folder, 'journal.sqlite'));
    const rows = db.prepare<[], EntryRow>('SELECT entry.*, epoch FROM entry JOIN epoch ON epoch.id = epoch_id').all();
    const { epoch_id, n, bytes, epoch } = dice.pick(rows);
    if (dice.oneIn(2)) db.prepare('DELETE FROM entry WHERE epoch_id = ? AND n = ?').run(epoch_id, n);
    else {
      const at = dice.below(bytes.length);
      const other = bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte));
      db.prepare('UPDATE entry SET bytes = ? WHERE epoch_id = ? AND n = ?').run(other, epoch_id, n);
    }
    db.close();
    for (const lost of [n, n + 1]) unit.gone.add(`${toHex(epoch)}/${lost}`);
  }
}
