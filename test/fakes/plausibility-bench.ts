import type { Findings, JudgedReading } from '@farola/agent/meter/plausible/findings.js';
import { PlausibilityWatch } from '@farola/agent/meter/plausible/plausibility-watch.js';
import { idOf } from '@farola/agent/meter/plausible/quantity-ids.js';
import { flagName, type OffsetRun, type QuantityName, type SampleValue } from '@farola/shared';
import { SUPPLY } from './measured.js';
import { profileWith } from './modbus-profile.js';

/** A watch over a device with these quantities, s32 with a step of 1, and a way to hand it values in their units. */
export function watchOf(quantities: readonly QuantityName[]) {
  const rows = quantities.map((quantity, at) => ({ quantity, addr: 2 * at, type: 's32', scale: 1 }));
  const watch = new PlausibilityWatch({ id: 'mains', profile: profileWith(rows), supply: SUPPLY });
  const take = (
    atMs: number,
    values: Readonly<Partial<Record<QuantityName, number | null>>>,
    offsets: readonly OffsetRun[] = [],
    periodS = 60,
  ): Findings => {
    const names = quantities.filter((name) => name in values);
    const shown = names.map((name): SampleValue => inSample(name, values[name] ?? null));
    const startedAt = { monoMs: atMs, wallMs: atMs, quality: 'synchronised' as const };
    const reading: JudgedReading = { startedAt, spanMs: 0, values: shown, offsets };
    return watch.take({ quantities: names.map(idOf), periodS }, reading);
  };
  return { watch, take };
}

function inSample(name: QuantityName, value: number | null): SampleValue {
  return value === null || name.includes('Energy') ? value : Math.round(value * 10);
}

/** Flags by name, with the places that they mark. */
export function named({ flags }: Findings): [string, readonly number[]][] {
  return flags.map(({ code, places }) => [flagName(code), places]);
}
