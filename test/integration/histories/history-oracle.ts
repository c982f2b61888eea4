import { cutItems, fromHex, toHex } from '@farola/shared';
import { epochOf } from '@farola/collector/branch-id.js';
import { told } from '../../fakes/audit-scene.js';
import { auditRig } from '../../fakes/audited-rig.js';
import { storedEntries } from '../../fakes/stored-entries.js';
import type { HistoryUnit } from './history-unit.js';
import type { HistoryWorld } from './history-world.js';

/** Of the LCU of a history. */
const LCU_NO = 0;

/** Lines of the log that no history may bring about. */
const NEVER_LOGGED = new Set(['internal', 'ledger-corrupt']);

/** Knows what every unit wrote, and says what a history shows that must not be. */
export class HistoryOracle {
  readonly problems: string[] = [];
  readonly #world: HistoryWorld;
  /** Bytes that are stored of an entry in any chain, by `epoch/n`. */
  readonly #stored = new Map<string, Set<string>>();
  #rows = new Set<number>();
  #checked = new Map<string, number>();

  constructor(world: HistoryWorld) {
    this.#world = world;
  }

  /** Another collector, or this one from another disk: what was seen of the one before says nothing. */
  forget(): void {
    this.#stored.clear();
    this.#rows = new Set();
    this.#checked = new Map();
  }

  /** A unit takes an ack of an epoch up to n, of which it lists entries from `first` on: they must be stored as it wrote them, but for what it lies to be gone. */
  acknowledged(unit: HistoryUnit, epoch: string, first: number, n: number): void {
    if (unit.lies) return;
    const by = `${unit.name}/${epoch}`;
    const from = Math.max(first, (this.#checked.get(by) ?? 0) + 1);
    if (from > n) return;
    const lost = this.#notStored(unit, (id) => {
      const [of, number] = id.split('/');
      return of === epoch && Number(number) >= from && Number(number) <= n;
    });
    if (lost.length > 0)
      this.#problem(`${unit.name}: ${epoch} is acknowledged up to ${n}, and not stored: ${lost.slice(0, 8).join(' ')}`);
    this.#checked.set(by, n);
  }

  /** A unit is another disk than it was. */
  forgetUnit({ name }: HistoryUnit): void {
    for (const by of this.#checked.keys()) if (by.startsWith(`${name}/`)) this.#checked.delete(by);
  }

  /** Holds the end of a history, when each unit was alone with the collector for some rounds, against what was written. */
  async judge(): Promise<void> {
    const { units, rig, spared } = this.#world;
    const judged = rig.ledger.judgements(0).map(({ code }) => code);
    for (const { message, fields } of rig.log)
      if (NEVER_LOGGED.has(String(fields['code']))) this.#problem(`log: ${message} ${String(fields['err'] ?? fields['reason'])}`);
    if (!units.some(({ lies }) => lies)) {
      for (const unit of units) this.#judgeUnit(unit);
      if (judged.includes('entries-withheld')) this.#problem('an honest unit is said to withhold entries');
    }
    if (spared && judged.length > 0) this.#problem(`an LCU with one unit that lost nothing is judged ${judged.join(' ')}`);
    storedEntries(rig, 0);
    for (const line of await this.#audit()) this.#problem(`audit: ${line}`);
  }

  #judgeUnit(unit: HistoryUnit): void {
    const { journal, name } = unit;
    const { startsSinceRestored } = this.#world;
    const { backlog } = journal.size();
    const open = journal.openEpochs();
    if (backlog > 0 || journal.gaps().length > 0) {
      const listed = open.map(([epoch, first, last]) => `${toHex(epoch)} ${first}..${last}`);
      this.#problem(`${name} is stuck: ${backlog} of ${listed.join(', ')}, ${journal.gaps().length} gaps`);
    }
    // What was released before the collector was restored is nowhere (docs/decisions/039); what is there must have been asked again.
    const lost = this.#notStored(unit, () => true).filter((id) => startsSinceRestored === 0 || this.#mustBeAsked(unit, id));
    if (lost.length > 0) this.#problem(`${name} wrote what is neither stored nor told as gone: ${lost.slice(0, 8).join(' ')}`);
  }

  /** What is there, but for what lies behind an epoch whose start entry nobody has any more: it would name that to the collector. */
  #mustBeAsked(unit: HistoryUnit, id: string): boolean {
    const at = unit.epochs.lastIndexOf(id.split('/')[0] ?? '');
    const starts = unit.epochs.slice(at).map((epoch) => `${epoch}/1`);
    const isHidden = starts.some((start) => !this.#stored.has(start) && (this.#isTold(start) || !unit.holds(start)));
    return !isHidden && unit.holds(id);
  }

  #isTold(id: string): boolean {
    const [epoch = '', n] = id.split('/');
    return this.#world.rig.ledger.detail(LCU_NO, fromHex(epoch), Number(n), Number(n)).byteless.length > 0;
  }

  #notStored({ written, gone }: HistoryUnit, isMeant: (id: string) => boolean): string[] {
    this.#look();
    return [...written]
      .filter(([id, bytes]) => isMeant(id) && !gone.has(id) && !this.#stored.get(id)?.has(bytes))
      .map(([id]) => id);
  }

  #look(): void {
    const { ledger } = this.#world.rig;
    for (const row of ledger.rows(0, 0, Number.MAX_SAFE_INTEGER / 10)) {
      if (this.#rows.has(row.key)) continue;
      this.#rows.add(row.key);
      const { items } = cutItems(row.entries);
      for (const { epoch, from, to } of ledger.ownedBy(row.key)) {
        for (let n = from; n <= to; n++) {
          const id = `${toHex(epochOf(epoch))}/${n}`;
          this.#stored.set(id, (this.#stored.get(id) ?? new Set()).add(toHex(items[n - row.first] as Uint8Array)));
        }
      }
    }
  }

  /** What `ledger verify` finds, but for what never came. */
  async #audit(): Promise<string[]> {
    const { rig, collector } = this.#world;
    const report = await auditRig(rig, `${collector}/ledger`);
    return told(report).filter((line) => !line.startsWith('owed '));
  }

  #problem(text: string): void {
    this.problems.push(text);
  }
}
