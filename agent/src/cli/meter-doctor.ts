import { counted, FarolaError, isoTime, jsonTime, quantityByName, systemClock, systemTimers, textTable } from '@farola/shared';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { hex } from '../meter/profile/hex.js';
import type { Profile } from '../meter/profile/profile.js';
import { diagnose } from '../meter/tool/doctor/diagnose.js';
import type { Diagnosis, QuantityFinding } from '../meter/tool/doctor/diagnose.js';
import { parseExpectation } from '../meter/tool/doctor/expectation.js';
import type { Expectation } from '../meter/tool/doctor/expectation.js';
import { correctedProfile, foundProfile } from '../meter/tool/doctor/proposed-profile.js';
import { readAround } from '../meter/tool/doctor/read-around.js';
import { searchRegisters } from '../meter/tool/doctor/search-registers.js';
import type { FoundPlaces, Place } from '../meter/tool/doctor/search-registers.js';
import { readRegisters } from '../meter/tool/read-registers.js';
import { toolLine } from '../meter/tool/tool-line.js';
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
 * @throws FarolaError `usage`, `analyser-unknown`, `line-in-use`, `profile-unreadable`, `profile-invalid`, `meter-timeout` when nothing answers; those of the
 * configuration and the line; the reason of the signal
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
  const tool = toolLine(line, { timers: systemTimers, ...(await lineAdapters()) });
  const progress = new ProgressLine();
  try {
    const told = (done: number, total: number): void => progress.show(`${done} of ${counted(total, 'quantity', 'quantities')}`);
    const readouts = await readAround({ unit, profile, client: tool.client }, expectations, told, signal);
    progress.clear();
    const diagnosis = diagnose(profile, expectations, readouts);
    const nothingToChange = diagnosis.change === null && diagnosis.findings.every(({ agrees }) => agrees);
    const proposal = nothingToChange ? undefined : correctedProfile(profile, diagnosis, today());
    const facts = {
      ...head(unit, profile.id),
      moved: movedJson(diagnosis),
      findings: diagnosis.findings.map(findingJson),
      places: [],
    };
    say({ out, json: options.json }, { ...facts, profileYaml: proposal ?? null }, ...page(profile, diagnosis, proposal));
    if (readouts.every((readout) => readout === undefined) && diagnosis.findings.some(({ verdict }) => verdict === 'no answer'))
      throw new FarolaError('meter-timeout', { analyser: id ?? `unit ${unit}`, unit, timeoutMs: line.timeoutMs });
  } finally {
    progress.clear();
    await tool.close();
  }
}

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
    const found = searchRegisters(expectations, await readRegisters(tool.client, range, signal));
    const model = {
      id: `unit-${range.unit}`,
      vendor: 'unknown',
      models: ['unknown'],
      functionCode: range.functionCode,
      day: today(),
    };
    const proposal = foundProfile(model, found);
    const facts = {
      ...head(range.unit, null),
      moved: null,
      findings: [],
      places: found.flatMap(placesJson),
      profileYaml: proposal ?? null,
    };
    say({ out, json: options.json }, facts, ...found.flatMap(placesPage), ...proposalPage(proposal));
  } finally {
    await tool.close();
  }
}

function head(modbusUnit: number, profileId: string | null): object {
  return { takenAt: jsonTime(systemClock().now().wallMs), modbusUnit, profileId };
}

function today(): string {
  return isoTime(systemClock().now().wallMs).slice(0, 10);
}

function page(profile: Profile, { findings, change, fitting }: Diagnosis, proposal: string | undefined): string[] {
  const rows = findings.map((one) => [
    one.quantity,
    shown(one.quantity, one.expected),
    one.verdict,
    shown(one.quantity, one.shows),
    judgement(one),
  ]);
  const titles = ['quantity', 'display', 'answer', 'profile says', ''].map((title) => ({ title }));
  const all = findings.every(({ agrees }) => agrees);
  const verdict = all
    ? `${profile.id} says what the display shows`
    : fitting === 0
      ? `nothing within three registers fits: is it ${profile.models.join(', ')}? \`farola-agent meter scan\` tells who answers, --register searches without a profile`
      : `${changeText(change)}: ${fitting} of ${counted(findings.length, 'quantity', 'quantities')} fit`;
  return [...textTable(titles, rows), verdict, ...proposalPage(proposal)];
}

function changeText(change: Diagnosis['change']): string {
  if (!change) return 'addresses and order as they are';
  const { offset, order } = change;
  const where =
    offset === 0 ? 'addresses as they are' : `${counted(Math.abs(offset), 'register')} ${offset > 0 ? 'further' : 'before'}`;
  return `${where}, order ${order}`;
}

function judgement({ agrees, fits, verdict }: QuantityFinding): string {
  if (fits) {
    if (fits.power === 0) return agrees ? 'agrees' : 'fits with the change';
    return `fits with its scale times 1e${fits.power}`;
  }
  return verdict === 'read' || verdict === 'zero' ? 'does not fit' : '';
}

function shown(quantity: string, value: number | null): string {
  return value === null ? '-' : `${Number(value.toPrecision(7))} ${quantityByName(quantity)?.unit ?? ''}`.trimEnd();
}

function placesPage({ quantity, value, places }: FoundPlaces): string[] {
  if (places.length === 0) return [`${quantity} ${value}: found nowhere`];
  return [
    `${quantity} ${value}:`,
    ...places.map(
      (place) =>
        `  ${hex(place.addr)} ${typeText(place)} ${place.order} * ${place.scale} = ${Number(place.value.toPrecision(7))}`,
    ),
  ];
}

/** That of decimal digits does not say how many registers it takes. */
function typeText({ type, registers }: Place): string {
  return type === 'bcd' && registers > 1 ? `bcd of ${registers} registers` : type;
}

function proposalPage(proposal: string | undefined): string[] {
  return proposal === undefined
    ? []
    : ['', '# to be kept under its id, checked by `farola-agent profile check`:', ...proposal.trimEnd().split('\n')];
}

function movedJson({ change, fitting }: Diagnosis): object | null {
  return fitting === 0 ? null : { registerOffset: change?.offset ?? 0, order: change?.order ?? null, fittingCount: fitting };
}

function findingJson({ quantity, expected, verdict, shows, agrees, fits }: QuantityFinding): object {
  return {
    quantity,
    displayed: expected,
    response: verdict,
    shows,
    agrees,
    fits: fits && { shows: fits.value, scalePower: fits.power },
  };
}

function placesJson({ quantity, places }: FoundPlaces): object[] {
  return places.map(({ addr, registers, type, order, scale, value }) => ({
    quantity,
    firstRegister: addr,
    registerCount: registers,
    type,
    order,
    scale,
    shows: value,
  }));
}
