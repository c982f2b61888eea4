import { FarolaError, pause } from '@farola/shared';
import type { LineConfig } from '../../../config/config-schema.js';
import type { Asked } from '../../identity/ask-fact.js';
import { recognise } from '../../identity/recognise.js';
import type { Recognised } from '../../identity/recognise.js';
import { REFUSED, UNANSWERED } from '../../line/meter-failures.js';
import type { Profile } from '../../profile/profile.js';
import { toolLine } from '../tool-line.js';
import type { ToolLine, ToolLineDeps } from '../tool-line.js';
import { likelyProfiles, unlikelyProfiles } from './likely-profiles.js';

/** What is looked for, and where. */
export interface ScanOptions {
  /** The line in each of its settings, in the order in which they are tried. */
  readonly settings: readonly LineConfig[];
  /** Modbus addresses, in the order in which they are asked. */
  readonly units: readonly number[];
  /** Questions to each unit, by function 3 and 4 in turn. */
  readonly tries: number;
  /** Those that a device may fit. */
  readonly profiles: readonly Profile[];
  readonly deps: ToolLineDeps;
  /** Told before each question. */
  readonly onProgress: (progress: ScanProgress) => void;
  /** Told when a unit answers; what it is, is asked when all have been called in this setting. */
  readonly onAnswered: (answered: AnsweringUnit) => void;
  /** Told when a unit is known. */
  readonly onFound: (found: FoundUnit) => void;
  /** Bytes came that answered no question: settings, or noise. */
  readonly onNoise: (line: LineConfig) => void;
}

/** How far a scan is. */
export interface ScanProgress {
  readonly line: LineConfig;
  readonly unit: number;
  /** Questions that are over, and all; those to units that are found meanwhile fall away. */
  readonly done: number;
  readonly total: number;
  /** Time left as it went until now, ms; null at the begin. */
  readonly leftMs: number | null;
}

/** A unit that answers. */
export interface AnsweringUnit {
  readonly line: LineConfig;
  readonly unit: number;
}

/** A unit that was asked what it is. */
export interface FoundUnit extends AnsweringUnit {
  /** What it says that it is, without `ruledOut`. */
  readonly recognised: Recognised;
  /** Ids of profiles that it fits by what it says, and by which voltage and frequency would not be plausible. */
  readonly ruledOut: readonly string[];
  /** Ids of profiles without identity whose voltages and frequency would be plausible. */
  readonly perhaps: readonly string[];
}

/** A device that was found is given as long as an analyser is by default, ms. */
const PATIENT_MS = 1_000;
/** Where bytes came that are no answer, so many units before may have answered late; of so many at most that is found out. */
const LATE_UNITS = 4;
const SUSPECTS_MOST = 16;
/** Asked for, as any device has an answer to it, be it an exception: an even number, since some models take no other. */
const QUESTIONS = [
  { functionCode: 3, address: 0, count: 2 },
  { functionCode: 4, address: 0, count: 4 },
] as const;

/**
 * Asks every unit in each setting whether it is there, and those that are what they are. A unit that answered is not asked in further
 * settings. An answer of any kind counts, a late one as well; that of a gateway for
 * a unit that is not there does not.
 * @throws FarolaError `line-unavailable`, `permission-denied`, `port-in-use`; the reason of the signal
 */
export async function scanLine(options: ScanOptions, signal: AbortSignal): Promise<void> {
  const { settings, deps, tries } = options;
  const startedMs = deps.nowMs();
  let left = [...options.units];
  let done = 0;
  for (const [index, line] of settings.entries()) {
    const tell = (unit: number, over: number): void => {
      const total = done + tries * left.length * (settings.length - index);
      const leftMs = done + over === 0 ? null : ((deps.nowMs() - startedMs) / (done + over)) * (total - done - over);
      options.onProgress({ line, unit, done: done + over, total, leftMs });
    };
    const present = await presentUnits(options, line, left, tell, signal);
    done += tries * left.length;
    left = left.filter((unit) => !present.includes(unit));
    if (present.length > 0) await identify(options, line, present, signal);
  }
}

async function presentUnits(
  { deps, tries, onAnswered, onNoise }: ScanOptions,
  line: LineConfig,
  units: readonly number[],
  tell: (unit: number, over: number) => void,
  signal: AbortSignal,
): Promise<number[]> {
  const tool = toolLine(line, deps);
  const present = new Set<number>();
  const answered = (unit: number): void => {
    present.add(unit);
    onAnswered({ line, unit });
  };
  const suspects = new Set<number>();
  let [over, stray] = [0, 0];
  try {
    for (const [place, unit] of units.entries()) {
      for (let asked = 0; asked < tries && !present.has(unit); asked++) {
        tell(unit, over++);
        if (await isThere(tool, unit, asked, signal)) answered(unit);
        if (tool.counters.strayBytes > stray)
          units.slice(Math.max(0, place - LATE_UNITS), place + 1).forEach((one) => suspects.add(one));
        stray = tool.counters.strayBytes;
      }
    }
    if (tool.counters.malformed > 0) onNoise(line);
  } finally {
    await tool.close();
  }
  const late = [...suspects].filter((unit) => !present.has(unit)).slice(0, SUSPECTS_MOST);
  await callAgain(deps, line, late, answered, signal);
  return units.filter((unit) => present.has(unit));
}

/** Tells of those of these units that answer when they are given more time. */
async function callAgain(
  deps: ToolLineDeps,
  line: LineConfig,
  units: readonly number[],
  answered: (unit: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (units.length === 0) return;
  // What is still on its way is dropped when the line is opened: an exception would be taken for the answer to the next question.
  await pause(deps.timers, PATIENT_MS, signal);
  const tool = toolLine(patient(line), deps);
  try {
    for (const unit of units) if (await isThere(tool, unit, 0, signal)) answered(unit);
  } finally {
    await tool.close();
  }
}

function patient(line: LineConfig): LineConfig {
  return { ...line, timeoutMs: Math.max(line.timeoutMs, PATIENT_MS) };
}

async function isThere({ client }: ToolLine, unit: number, asked: number, signal: AbortSignal): Promise<boolean> {
  const question = QUESTIONS[asked % QUESTIONS.length] ?? QUESTIONS[0];
  try {
    await client.read({ analyser: `unit ${unit}`, unit, ...question }, signal);
    return true;
  } catch (error) {
    if (error instanceof FarolaError && REFUSED.has(error.code)) return true;
    if (error instanceof FarolaError && UNANSWERED.has(error.code)) return false;
    throw error;
  }
}

/** Asks units what they are; strangers once more, on a line that is opened anew: a question that noise ate shall not make a stranger of a meter. */
async function identify(options: ScanOptions, line: LineConfig, units: readonly number[], signal: AbortSignal): Promise<void> {
  const strangers = await identifyOnce(options, line, units, false, signal);
  if (strangers.length === 0) return;
  await pause(options.deps.timers, PATIENT_MS, signal);
  await identifyOnce(options, line, strangers, true, signal);
}

/** Tells of those that are recognised, and when it is the last time of all; gives the others. */
async function identifyOnce(
  { deps, profiles, onFound }: ScanOptions,
  line: LineConfig,
  units: readonly number[],
  isLast: boolean,
  signal: AbortSignal,
): Promise<number[]> {
  const strangers: number[] = [];
  const tool = toolLine(patient(line), deps);
  try {
    for (const unit of units) {
      const asked = { analyser: `unit ${unit}`, unit, client: tool.client };
      const recognised = await recognise(asked, profiles, signal);
      const isKnown = recognised.looksLike.length > 0 || recognised.why !== null;
      if (isKnown) onFound({ line, unit, ...(await toldApart(asked, recognised, profiles, signal)), perhaps: [] });
      else if (isLast) onFound({ line, unit, recognised, ruledOut: [], perhaps: await likelyProfiles(asked, profiles, signal) });
      else strangers.push(unit);
    }
    return strangers;
  } finally {
    await tool.close();
  }
}

/** What a device that says the same of itself as others of its maker cannot be, by its values. */
async function toldApart(
  asked: Asked,
  recognised: Recognised,
  profiles: readonly Profile[],
  signal: AbortSignal,
): Promise<Pick<FoundUnit, 'recognised' | 'ruledOut'>> {
  const { looksLike } = recognised;
  if (looksLike.length < 2) return { recognised, ruledOut: [] };
  const alike = profiles.filter(({ id }) => looksLike.some(({ profileId }) => profileId === id));
  const ruledOut = await unlikelyProfiles(asked, alike, signal);
  const left = looksLike.filter(({ profileId }) => !ruledOut.includes(profileId));
  return { recognised: { ...recognised, looksLike: left }, ruledOut };
}
