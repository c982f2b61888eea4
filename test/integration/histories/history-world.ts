import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkFleet } from '@farola/collector/fleet/check-fleet.js';
import { repairStandings } from '@farola/collector/fleet/decide.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { Dice } from '../../unit/fuzz/dice.js';
import { HistoryOracle } from './history-oracle.js';
import { HistoryUnit, LCU_ID, SIGNER } from './history-unit.js';

/** Just before the month ends, so that some histories go over into the next file. */
const BEFORE_MIDNIGHT = Date.UTC(2026, 10, 30, 22, 30);
/** Most polls of a unit in a round at the end, when all is settled. */
const MOST_POLLS = 40;

/** One collector, the units that speak for one LCU, and what is drawn. */
export class HistoryWorld {
  readonly seed: number;
  readonly dice: Dice;
  readonly time = new FakeTime(BEFORE_MIDNIGHT);
  readonly oracle = new HistoryOracle(this);
  readonly units: HistoryUnit[] = [];
  readonly folder: string;
  /** Room of each journal, bytes: in some histories so little that entries are evicted. */
  readonly maxBytes: number;
  /** Whether there is one unit and it lost nothing: then nothing may be judged. */
  spared = true;
  /** How often the collector was started since it was restored from a backup, that time included; 0 when it never was. */
  startsSinceRestored = 0;
  rig!: CollectorRig;
  /** Folder of the collector: `ledger` and `state.db`. */
  collector = '';
  readonly #ends: (() => unknown)[] = [];
  #folders = 0;
  #marks = 0;

  private constructor(seed: number, maxBytes?: number) {
    this.seed = seed;
    this.dice = new Dice(seed);
    this.folder = temporaryFolder(this.#teardown);
    this.maxBytes = maxBytes ?? (this.dice.oneIn(2) ? 1e9 : 60_000);
  }

  /** A collector that knows the LCU, and its first unit. @param maxBytes room of each journal; drawn when it is not told */
  static async begin(seed: number, maxBytes?: number): Promise<HistoryWorld> {
    const world = new HistoryWorld(seed, maxBytes);
    mkdirSync(join(world.folder, 'u0'));
    await world.#openCollector(world.newFolder());
    world.rig.enrol(LCU_ID, SIGNER);
    world.units.push(await HistoryUnit.begin('u0', world));
    return world;
  }

  get #teardown(): { teardown: (end: () => unknown) => void } {
    return { teardown: (end) => void this.#ends.push(end) };
  }

  /** Ends everything, the last first. */
  async end(): Promise<void> {
    for (const unit of this.units) unit.close();
    for (const end of this.#ends.toReversed()) await end();
  }

  /** A folder that is not there yet. */
  newFolder(): string {
    const folder = join(this.folder, `f${this.#folders++}`);
    mkdirSync(folder);
    return folder;
  }

  /** Each sample has a value of its own. */
  nextMark(): number {
    return this.#marks++;
  }

  /** A copy of what the collector holds, as it is on the disk now. */
  copyCollector(): string {
    const folder = this.newFolder();
    cpSync(this.collector, folder, { recursive: true, filter: (path) => !path.endsWith('-shm') });
    return folder;
  }

  /** The collector is killed, and starts again from what its disk has. */
  async kill(): Promise<void> {
    const folder = this.copyCollector();
    if (this.startsSinceRestored > 0) this.startsSinceRestored++;
    await this.#closeCollector();
    await this.#openCollector(folder);
  }

  /** The collector stops, and starts from its own disk. */
  async stop(): Promise<void> {
    if (this.startsSinceRestored > 0) this.startsSinceRestored++;
    await this.#closeCollector();
    await this.#openCollector(this.collector);
  }

  /** The collector starts from a backup, which is used up. @param ledgerOnly it keeps its newer state file */
  async restore(backup: string, ledgerOnly: boolean): Promise<void> {
    if (ledgerOnly) {
      for (const file of ['state.db', 'state.db-wal']) rmSync(join(backup, file), { force: true });
      cpSync(this.collector, backup, { recursive: true, filter: (path) => !path.endsWith('-shm') && !path.includes('/ledger') });
    }
    this.startsSinceRestored++;
    await this.#closeCollector();
    await this.#openCollector(backup);
  }

  /** Each unit is alone with the collector for some rounds, by turns, so that what can be settled is. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      for (const unit of this.units) {
        unit.connect();
        await this.time.advance(2000);
        for (let round = 0; round < 2; round++) {
          unit.journal.polls = 0;
          await this.time.advance(ROUND_MS);
          if (unit.journal.polls > MOST_POLLS && turn > 1)
            this.oracle.problems.push(`${unit.name}: ${unit.journal.polls} polls in a round`);
        }
      }
    }
  }

  async #closeCollector(): Promise<void> {
    for (const { link } of this.units) link?.cut();
    await this.rig.close();
  }

  async #openCollector(folder: string): Promise<void> {
    this.collector = folder;
    this.rig = await openRig(this.#teardown, { ledger: join(folder, 'ledger'), state: folder, time: this.time });
    this.oracle.forget();
    const { fleet, ledger, state } = this.rig;
    if (fleet.list().length === 0) return;
    checkFleet(fleet, ledger, folder);
    repairStandings(fleet, ledger);
    rebuildDerived({ ledger, derived: state.derived });
  }
}
