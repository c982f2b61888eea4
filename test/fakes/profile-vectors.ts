import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../vectors', import.meta.url));

/** A register of meters.yaml, as it was collected. */
export interface CollectedRegister {
  readonly q: string;
  readonly addr: number;
  readonly type: 'u16' | 's16' | 'u32' | 's32' | 'u64' | 's64' | 'float32' | 'float64';
  readonly scale: number;
  readonly unit: string;
}

/** An analyser of meters.yaml, as it was collected. */
export interface CollectedMeter {
  readonly id: string;
  readonly functionCode: 3 | 4;
  readonly wordOrder: string;
  readonly maxRegisters: number;
  readonly registers: readonly CollectedRegister[];
}

/** The bytes that a model gives and the values that they mean. */
export interface ProfileVector {
  readonly profile: string;
  readonly registers: readonly { readonly address: number; readonly words: string }[];
  readonly values: Readonly<Record<string, string>>;
  readonly cases: readonly { name: string; address: number; words: string; quantity: string; value: string | null }[];
}

/** The 552 registers of 15 analysers. */
export function collectedMeters(): readonly CollectedMeter[] {
  const text = readFileSync(join(FOLDER, 'meter-registers.json'), 'utf8');
  return (JSON.parse(text) as { meters: CollectedMeter[] }).meters;
}

/** One file for each shipped profile. */
export function profileVectors(): readonly ProfileVector[] {
  const folder = join(FOLDER, 'profiles');
  const names = readdirSync(folder).toSorted();
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ProfileVector);
}

/** `active_energy_import_total` as the registry names it. */
export function quantityOf(collected: string): string {
  if (collected === 'power_factor_total_4q') return 'powerFactor4qTotal';
  return collected.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `0000 084D` as bytes. */
export function bytesOfWords(words: string): Uint8Array {
  return Uint8Array.from(Buffer.from(words.replaceAll(' ', ''), 'hex'));
}
