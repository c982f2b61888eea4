import { FarolaError } from '@farola/shared';
import { UNANSWERED } from '../../line/meter-failures.js';
import type { RegisterClient } from '../../line/register-client.js';
import { spanOf } from '../../profile/profile.js';
import type { Profile } from '../../profile/profile.js';
import { readRegisters } from '../read-registers.js';
import { OFFSET_MOST } from './diagnose.js';
import type { Readout } from './diagnose.js';
import type { Expectation } from './expectation.js';

/** Whom the doctor asks. */
export interface Patient {
  /** For messages; `unit 7` when it is not told. */
  readonly name?: string | undefined;
  readonly unit: number;
  readonly profile: Profile;
  readonly client: RegisterClient;
}

/**
 * Reads the registers of each expected row, and those around it: first its own, since some models refuse what lies beside.
 * @throws FarolaError those of the line; the reason of the signal
 */
export async function readAround(
  { name, unit, profile, client }: Patient,
  expectations: readonly Expectation[],
  onRow: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Readout[]> {
  const readouts: Readout[] = [];
  for (const [done, { quantity }] of expectations.entries()) {
    onRow(done, expectations.length);
    const row = profile.rows.find((one) => one.quantity === quantity);
    const span = row && spanOf(row);
    if (!row || !span) {
      readouts.push(undefined);
      continue;
    }
    const of = {
      analyser: name ?? `unit ${unit}`,
      unit,
      functionCode: row.functionCode ?? profile.functionCode,
      least: profile.evenCountOnly ? (2 as const) : (1 as const),
    };
    const round = (count: number): number => of.least * Math.ceil(count / of.least);
    const own = { ...of, address: span.from, count: round(span.to - span.from) };
    const from = Math.max(0, span.from - OFFSET_MOST);
    const around = { ...of, address: from, count: round(span.to + OFFSET_MOST - from) };
    try {
      const beside = await readRegisters(client, around, signal);
      const alone = await readRegisters(client, own, signal);
      readouts.push(new Map([...beside, ...alone]));
    } catch (error) {
      if (!(error instanceof FarolaError) || !UNANSWERED.has(error.code)) throw error;
      readouts.push(error);
    }
  }
  return readouts;
}
