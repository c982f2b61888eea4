import { counted, FarolaError, isoTime, jsonTime, systemClock, systemTimers } from '@farola/shared';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import { examineMeter } from '../meter/tool/doctor/examine-meter.js';
import { parseExpectation } from '../meter/tool/doctor/expectation.js';
import type { Expectation } from '../meter/tool/doctor/expectation.js';
import { correctedProfile, foundProfile } from '../meter/tool/doctor/proposed-profile.js';
import { searchFailure, searchMeter } from '../meter/tool/doctor/search-meter.js';
import { toolLine } from '../meter/tool/tool-line.js';
import { examinedJson, examinedPage, NOTHING_EXAMINED, proposalPage } from './doctor-page.js';
import { NOTHING_SEARCHED, placesJson, placesPage, searchedJson, searchedLine } from './doctor-search-page.js';
import { orInterrupted } from './interrupted.js';
import { chooseLine } from './meter-line.js';
import { registerRange } from './meter-read-raw.js';
import { oneAnalyser } from './meter-target.js';
import type { TargetFlags } from './meter-target.js';
import { ProgressLine } from './progress-line.js';
import { say } from './say.js';

/** What `farola-agent meter doctor` is asked. Numbers are texts, as they were typed. */
export interface MeterDoctorOptions extends TargetFlags {
  /** `QUANTITY=VALUE`, as the display of the meter shows it. */
  readonly expect?: readonly string[] | undefined;
  /** Without a profile: the first of the registers that are searched. */
  readonly register?: string | undefined;
  readonly count?: string | undefined;
  readonly function?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Holds what a meter answers against what its display shows, and finds by which offset, order and scale they agree; at the end a profile that would read it so.
 * @throws FarolaError `usage`, `analyser-unknown`, `line-in-use`, `profile-unreadable`, `profile-invalid`, `display-differs` or `display-not-found` when
 * something is not as the display shows; `meter-timeout`, `meter-malformed`, `meter-unreachable` when nothing answers, `meter-exception`, `meter-faulty`, `meter-busy` when all is
 * refused; those of the configuration and the line; the reason of the signal
 */
export async function doctorMeter(
  id: string | undefined,
  options: MeterDoctorOptions,
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const expectations = (options.expect ?? []).map(parseExpectation);
  if (expectations.length === 0)
    throw new FarolaError('usage', {
      reason: 'type what the display shows: --expect voltageL1=231.4 --expect frequency=50.0 ...',
    });
  const work =
    options.register === undefined ? examine(id, options, expectations, out, signal) : search(options, expectations, out, signal);
  await orInterrupted(work, signal);
}

async function examine(
  id: string | undefined,
  options: MeterDoctorOptions,
  expectations: readonly Expectation[],
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { line, unit, profile } = await oneAnalyser(options, id);
  const name = id ?? `unit ${unit}`;
  const known = (await readProfiles([SHIPPED_PROFILES])).profiles;
  const tool = toolLine(line, { timers: systemTimers, ...(await lineAdapters()) });
  const progress = new ProgressLine();
  try {
    const told = (done: number, total: number): void => progress.show(`${done} of ${counted(total, 'quantity', 'quantities')}`);
    const all = [...known.values()].map((loaded) => loaded.profile);
    const examined = await examineMeter({ name, unit, profile, client: tool.client }, expectations, all, told, signal);
    progress.clear();
    const { diagnosis, looksLike, failure } = examined;
    const otherwise = diagnosis.findings.filter(({ agrees }) => !agrees);
    const isOtherFunction = examined.profile.functionCode !== profile.functionCode;
    const isRight = otherwise.length === 0 && diagnosis.change === null && !isOtherFunction;
    const proposal = isRight ? undefined : correctedProfile(examined.profile, diagnosis, today());
    const facts = {
      ...head(unit, profile.id, examined.profile.functionCode),
      ...examinedJson(diagnosis),
      looksLike: looksLike.map(({ profileId, vendor, model }) => ({ profileId, vendor, model })),
      ...NOTHING_SEARCHED,
      profileYaml: proposal ?? null,
    };
    say({ out, json: options.json }, facts, ...examinedPage(profile, examined), ...proposalPage(proposal));
    if (failure) throw failure;
    if (!isRight)
      throw new FarolaError('display-differs', {
        analyser: name,
        profile: profile.id,
        count: isOtherFunction ? diagnosis.findings.length : otherwise.length,
        asked: diagnosis.findings.length,
        remedy: proposal === undefined ? NO_PROPOSAL : PROPOSAL,
      });
  } finally {
    progress.clear();
    await tool.close();
  }
}

const PROPOSAL =
  'the profile above reads what the display shows: keep it under its id, check it, and hold more values against the display';
const NO_PROPOSAL =
  'see that each value is in the unit of its quantity, and choose the profile of the model: `farola-agent meter scan` tells who answers, `--register` searches without a profile';

async function search(
  options: MeterDoctorOptions,
  expectations: readonly Expectation[],
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { register = '0', count = '100' } = options;
  const range = registerRange({ ...options, register, count });
  const { line } = await chooseLine(options);
  const tool = toolLine(line, { timers: systemTimers, ...(await lineAdapters()) });
  try {
    const searched = await searchMeter(tool.client, range, expectations, signal);
    const [best] = searched;
    const { found, functionCode } = best;
    const model = { id: `unit-${range.unit}`, vendor: 'unknown', models: ['unknown'], functionCode, day: today() };
    const proposal = foundProfile(model, found);
    const facts = {
      ...head(range.unit, null, functionCode),
      ...NOTHING_EXAMINED,
      searched: searched.map(searchedJson),
      places: found.flatMap(placesJson),
      profileYaml: proposal ?? null,
    };
    const failure = searchFailure(range, best);
    const page = searched.map((one) => searchedLine(range, one));
    say({ out, json: options.json }, facts, ...page, ...(failure ? [] : found.flatMap(placesPage)), ...proposalPage(proposal));
    if (failure) throw failure;
    const missing = found.filter(({ places }) => places.length === 0).map(({ quantity }) => quantity);
    if (missing.length > 0)
      throw new FarolaError('display-not-found', { quantities: missing.join(', '), analyser: range.analyser });
  } finally {
    await tool.close();
  }
}

function head(modbusUnit: number, profileId: string | null, functionCode: 3 | 4): object {
  return { takenAt: jsonTime(systemClock().now().wallMs), modbusUnit, profileId, functionCode };
}

function today(): string {
  return isoTime(systemClock().now().wallMs).slice(0, 10);
}
