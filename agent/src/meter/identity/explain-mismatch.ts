import { FarolaError } from '@farola/shared';
import type { AnalyserConfig } from '../../config/config-schema.js';
import { plainSerial } from './fact-text.js';
import type { Mismatch } from './judge-device.js';
import type { Recognised } from './recognise.js';

/** What is known beside the mismatch itself. */
export interface MismatchContext {
  readonly analyser: AnalyserConfig;
  /** All that are configured. */
  readonly analysers: readonly AnalyserConfig[];
  /** What the device looks like; undefined when it was not asked. */
  readonly seen: Recognised | undefined;
}

/** The error for a device that is not what the configuration says: which, what was expected, what it says, what it looks like. */
export function explainMismatch(mismatch: Mismatch, { analyser, analysers, seen }: MismatchContext): FarolaError {
  const { expected, says } = mismatch;
  const { id, unit, line } = analyser;
  const looksLike = seen ? likeness(seen) : placeOf(mismatch, analysers, id);
  return new FarolaError('meter-mismatch', { analyser: id, unit, line, expected, says, looksLike });
}

function likeness({ looksLike, why }: Recognised): string {
  if (looksLike.length === 0) return why ?? 'nothing that is known';
  const names = looksLike.map(({ vendor, model, profileId }) => {
    const named = model.toLowerCase().startsWith(vendor.toLowerCase()) ? model : `${vendor} ${model}`;
    return `${named} (profile ${profileId})`;
  });
  return names.join(' or ');
}

/** Where a device of this serial number is meant to be. */
function placeOf({ text }: Mismatch, analysers: readonly AnalyserConfig[], here: string): string {
  const read = plainSerial(text);
  const other = analysers.find(
    ({ id, serialNumber = null }) => id !== here && read !== null && plainSerial(serialNumber) === read,
  );
  return other ? `the device of analyser ${other.id}` : 'another device of that model';
}
