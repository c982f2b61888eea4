import { FarolaError } from '@farola/shared';
import { recognise } from '../../identity/recognise.js';
import type { Likeness } from '../../identity/recognise.js';
import { exceptionError } from '../../line/meter-failures.js';
import type { Profile } from '../../profile/profile.js';
import { diagnose } from './diagnose.js';
import type { Diagnosis, Readout } from './diagnose.js';
import type { Expectation } from './expectation.js';
import { readAround } from './read-around.js';
import type { Patient } from './read-around.js';

/** What an examination found. */
export interface Examination {
  /** The one that was examined; where its values are read by the other function, with that one. */
  readonly profile: Profile;
  readonly diagnosis: Diagnosis;
  /** Whether the other function was asked as well. */
  readonly isOtherAsked: boolean;
  /** What the meter says that it is, where nothing fits. */
  readonly looksLike: readonly Likeness[];
  /** Why nothing could be read: nobody answers, or all is refused; undefined when something was read, or nothing was asked. */
  readonly failure: FarolaError | undefined;
}

/**
 * Reads a meter by a profile and holds it against its display. Where it answers and nothing fits, it is read by the other function too, and at last asked what it is.
 * @param known profiles that it may fit
 * @throws FarolaError those of the line; the reason of the signal
 */
export async function examineMeter(
  patient: Patient,
  expectations: readonly Expectation[],
  known: Iterable<Profile>,
  onRow: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Examination> {
  const first = await read(patient, expectations, onRow, signal);
  const nobody = { isOtherAsked: false, looksLike: [] };
  if (first.diagnosis.fitting > 0 || !first.readouts.some(isAnswer))
    return { ...first, ...nobody, failure: failureOf(patient, first.readouts) };
  const other = await read({ ...patient, profile: byOtherFunction(patient.profile) }, expectations, onRow, signal);
  if (other.diagnosis.fitting > 0) return { ...other, isOtherAsked: true, looksLike: [], failure: undefined };
  const asked = { analyser: patient.name ?? `unit ${patient.unit}`, unit: patient.unit, client: patient.client };
  const { looksLike } = await recognise(asked, known, signal);
  const failure = failureOf(patient, [...first.readouts, ...other.readouts]);
  return { ...first, isOtherAsked: true, looksLike, failure };
}

async function read(
  patient: Patient,
  expectations: readonly Expectation[],
  onRow: (done: number, total: number) => void,
  signal: AbortSignal,
) {
  const readouts = await readAround(patient, expectations, onRow, signal);
  return { profile: patient.profile, readouts, diagnosis: diagnose(patient.profile, expectations, readouts) };
}

/** The profile with 3 in place of 4, and the other way round. */
function byOtherFunction(profile: Profile): Profile {
  const rows = profile.rows.map((row) =>
    row.functionCode === undefined ? row : { ...row, functionCode: other(row.functionCode) },
  );
  return { ...profile, functionCode: other(profile.functionCode), rows };
}

function other(functionCode: 3 | 4): 3 | 4 {
  return functionCode === 3 ? 4 : 3;
}

function isAnswer(readout: Readout): boolean {
  return readout !== undefined && !(readout instanceof FarolaError);
}

function failureOf({ name, unit }: Patient, readouts: readonly Readout[]): FarolaError | undefined {
  let exception: number | undefined;
  let silence: FarolaError | undefined;
  for (const readout of readouts) {
    if (readout instanceof FarolaError) silence ??= readout;
    else if (readout) {
      for (const answer of readout.values()) {
        if ('word' in answer) return undefined;
        exception ??= answer.exception;
      }
    }
  }
  return exception === undefined ? silence : exceptionError(name ?? `unit ${unit}`, unit, exception);
}
