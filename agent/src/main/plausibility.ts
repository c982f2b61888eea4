import {
  type AnalyserRow,
  codeOf,
  flagName,
  type Instant,
  isCounter,
  quantityById,
  sameBytes,
  SAMPLE_FLAGS,
  type SampleEntry,
  type ValueFlag,
} from '@farola/shared';
import type { AgentConfig, AnalyserConfig } from '../config.js';
import type { Journal } from '../journal/journal.js';
import type { PastSample } from '../journal/past-samples.js';
import type { Log } from '../log/log.js';
import { settingFlags } from '../meter/identity/setting-flags.js';
import type { Patience } from '../meter/plausible/agreement.js';
import type { Findings, JudgedReading } from '../meter/plausible/findings.js';
import { joinFlags } from '../meter/plausible/flag-list.js';
import { PlausibilityWatch } from '../meter/plausible/plausibility-watch.js';
import type { Supply } from '../meter/plausible/supply.js';
import type { Profiles } from '../meter/profile/profile-file.js';

/** Values of the newest samples of an analyser that a rule finds not plausible. */
export interface FlagStatus {
  /** Name of the rule. */
  readonly rule: string;
  /** Names of the quantities. */
  readonly quantities: string[];
}

/** The analysers of an LCU, and what they are read by. */
export interface PanelOptions {
  readonly config: Pick<AgentConfig, 'analysers'>;
  readonly profiles: Profiles;
  /** The analyser table, by index. */
  readonly rows: readonly AnalyserRow[];
  /** How long what may be a load that was just switched must disagree; that for a panel that runs when it is not told. */
  readonly patience?: Patience;
}

/** What the counters of a run go on from. */
export interface PastOptions {
  readonly journal: Pick<Journal, 'pastSamples'>;
  /** Boot id of the kernel. */
  readonly boot: Uint8Array;
  readonly now: Instant;
  readonly log: Log;
}

/** A sample whose counter shows this is none to go on from. */
const UNFIT: ReadonlySet<number> = new Set([SAMPLE_FLAGS['counter-zero'], SAMPLE_FLAGS['counter-jumped']]);

/** Judges the readings of all analysers of an LCU; the scan groups of one analyser together. */
export class PanelPlausibility {
  readonly #rows: readonly AnalyserRow[];
  readonly #watches: ReadonlyMap<string, PlausibilityWatch>;
  /** Of the newest sample of each row, by index. */
  readonly #flags: (readonly ValueFlag[])[] = [];

  constructor({ config, profiles, rows, patience }: PanelOptions) {
    this.#rows = rows;
    this.#watches = new Map(
      config.analysers.flatMap((analyser) => {
        const profile = profiles.get(analyser.profile)?.profile;
        const { id } = analyser;
        return profile ? [[id, new PlausibilityWatch({ id, profile, supply: supplyOf(analyser), patience })] as const] : [];
      }),
    );
  }

  /** Judges a reading of a row; what its device marks is among the flags. */
  judge(index: number, reading: JudgedReading): Findings {
    const row = this.#rows[index];
    const watch = row && this.#watches.get(row.id);
    if (!row || !watch) throw new RangeError(`there is no row ${index}`);
    const { flags: found, events } = watch.take(row, reading);
    const flags = joinFlags(found, settingFlags(reading.deviceMarks ?? [], row.quantities, reading.values));
    this.#flags[index] = flags;
    return { flags, events };
  }

  /** Another device is at the place of this analyser. */
  exchanged(analyser: string): void {
    this.#watches.get(analyser)?.exchanged();
  }

  /** What is not plausible in the newest samples of an analyser. */
  flagsOf(analyser: string): FlagStatus[] {
    const quantities = new Map<number, string[]>();
    this.#rows.forEach((row, index) => {
      if (row.id !== analyser) return;
      for (const { code, places } of this.#flags[index] ?? []) {
        const names = places.map((place) => quantityById(row.quantities[place] ?? 0)?.name ?? String(row.quantities[place]));
        quantities.set(code, [...(quantities.get(code) ?? []), ...names]);
      }
    });
    return [...quantities].toSorted(([a], [b]) => a - b).map(([code, names]) => ({ rule: flagName(code), quantities: names }));
  }

  /** Lets the counters go on from the journal, where it tells. What it does not tell is not known. */
  recall({ journal, boot, now, log }: PastOptions): void {
    try {
      const past = journal.pastSamples({ wants: (row) => this.#isSame(row), takes: hasCounter });
      for (const one of past) this.#recallOne(one, boot, now);
    } catch (error) {
      if (codeOf(error) !== 'disk-failure') throw error;
      log.warn('disk-failure', { remedy: 'counters of the last run are not compared' });
    }
  }

  /** Whether it is read as it is today, so that its values mean the same. */
  #isSame({ id, profileHash, serialNumber, quantities }: AnalyserRow): boolean {
    const row = this.#rows.find((one) => one.id === id);
    if (!row || !sameBytes(row.profileHash, profileHash)) return false;
    const isOther = serialNumber !== null && row.serialNumber !== null && serialNumber !== row.serialNumber;
    return !isOther && quantities.some(isCounterId);
  }

  #recallOne({ boot: then, row, sample }: PastSample, boot: Uint8Array, now: Instant): void {
    const watch = this.#watches.get(row.id);
    if (!sample) return watch?.wasExchanged(row.quantities);
    const atMs = whenOf(sample, sameBytes(then, boot), now);
    const unfit = unfitPlaces(sample);
    row.quantities.forEach((quantity, place) => {
      const shown = sample.values[place] ?? null;
      if (shown !== null && !unfit.has(place)) watch?.recall({ quantity, shown, atMs });
    });
  }
}

function supplyOf({ supply: { volts, hertz, phases }, ctRatio, vtRatio }: AnalyserConfig): Supply {
  return { volts, hertz, phases, ctPrimaryA: ctRatio?.primary, hasVt: vtRatio !== undefined };
}

/** On the monotonic clock of now; NaN where no clock tells: another boot, and a wall clock that was never set. */
function whenOf({ at }: SampleEntry, isOfThisBoot: boolean, now: Instant): number {
  if (isOfThisBoot) return at.monoMs;
  const agoMs = now.wallMs - at.wallMs;
  return at.quality === 'none' || now.quality === 'none' || agoMs < 0 ? NaN : now.monoMs - agoMs;
}

function hasCounter({ quantities }: AnalyserRow, sample: SampleEntry): boolean {
  const unfit = unfitPlaces(sample);
  return sample.values.some((value, place) => value !== null && isCounterId(quantities[place] ?? 0) && !unfit.has(place));
}

function unfitPlaces({ marks }: SampleEntry): ReadonlySet<number> {
  return new Set(marks?.flags.flatMap(({ code, places }) => (UNFIT.has(code) ? places : [])));
}

function isCounterId(id: number): boolean {
  const quantity = quantityById(id);
  return quantity !== undefined && isCounter(quantity);
}
