import { planWithin } from '@farola/agent/meter/plan/block-plan.js';
import { PlanMemory } from '@farola/agent/meter/plan/plan-memory.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import type { JudgedReading } from '@farola/agent/meter/plausible/findings.js';
import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { partsOf, quantityIds, spanOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile, ProfileRow } from '@farola/agent/meter/profile/profile.js';
import { isCounter, type OffsetRun, quantityByName, type SampleValue } from '@farola/shared';
import { encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import type { LampPanel } from './lamp-panel.js';

/** What is wrong between a device and who reads it. */
export interface Fault {
  /** What is shown in place of what should be. */
  readonly shown?: (values: Record<string, number>) => Record<string, number>;
  /** The profile that it is read by, in place of its own. */
  readonly readBy?: (profile: Profile) => Profile;
}

/** From one request to the next on the line, ms. */
const REQUEST_MS = 110;

/** Reads a panel by a profile, request by request as they are planned, from and into registers. */
export class PanelReader {
  readonly #panel: LampPanel;
  readonly #profile: Profile;
  readonly #fault: Fault;
  readonly #blocks;
  readonly #readBy: Profile;
  /** Row of the analyser table. */
  readonly row: { readonly quantities: readonly number[]; readonly periodS: number };

  readonly #rows: readonly number[];

  /** @param rows places of the profile's rows that are read, ascending; all when they are not told */
  constructor(panel: LampPanel, profile: Profile, periodS: number, fault: Fault = {}, rows?: readonly number[]) {
    this.#panel = panel;
    this.#profile = profile;
    this.#fault = fault;
    this.#readBy = fault.readBy?.(profile) ?? profile;
    this.#rows = rows ?? [...profile.rows.keys()];
    this.#blocks = planWithin(new PlanTerms(profile, PlanMemory.EMPTY, this.#rows));
    const ids = quantityIds(profile);
    this.row = { quantities: this.#rows.map((row) => ids[row] ?? 0), periodS };
  }

  /** @param atMs when the first request is sent */
  readAt(atMs: number): JudgedReading {
    const values: SampleValue[] = this.#profile.rows.map(() => null);
    const atOf: number[] = this.#profile.rows.map(() => 0);
    this.#blocks.forEach(({ rows }, block) => {
      const ms = block * REQUEST_MS;
      const shown = this.#panel.valuesAt(atMs + ms);
      const faulty = this.#fault.shown?.(shown) ?? shown;
      const asked = rows.flatMap((place) => this.#profile.rows[place] ?? []);
      const quantised = (name: string): number | undefined => floored(asked, name, faulty[name]);
      const registers = encodeRegisters({ ...this.#profile, rows: asked }, quantised);
      for (const place of rows) {
        const row = this.#readBy.rows[place];
        if (row) values[place] = decode(row, registers, this.#readBy);
        atOf[place] = ms;
      }
    });
    const spanMs = this.#blocks.length * REQUEST_MS;
    const startedAt = { monoMs: atMs, wallMs: 1_795_370_400_000 + atMs, quality: 'synchronised' as const };
    const offsets = runsOf(this.#rows.map((row) => atOf[row] ?? 0));
    return { startedAt, spanMs, values: this.#rows.map((row) => values[row] ?? null), offsets };
  }
}

/** Counters are cut off, other values rounded. */
function floored(rows: readonly ProfileRow[], name: string, value: number | undefined): number | undefined {
  const quantity = quantityByName(name);
  const row = rows.find((one) => one.quantity === name);
  if (value === undefined || !row || !quantity || !isCounter(quantity)) return value;
  const finest = partsOf(row).reduce((least, part) => (part.scale < least.scale ? part : least));
  if (finest.type.startsWith('float')) return value;
  return Math.floor(value / finest.scale) * finest.scale;
}

function decode(row: ProfileRow, registers: ReadonlyMap<number, number>, profile: Profile): SampleValue {
  const { from, to } = spanOf(row);
  const words = Array.from({ length: to - from }, (_, index) => registers.get(from + index) ?? 0);
  return decodeRow(row, { address: from, bytes: Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff])) }, profile);
}

function runsOf(atOf: readonly number[]): OffsetRun[] {
  const runs: { count: number; ms: number }[] = [];
  for (const ms of atOf) {
    const last = runs.at(-1);
    if (last?.ms === ms) last.count++;
    else runs.push({ count: 1, ms });
  }
  return runs.length === 1 ? [] : runs;
}
