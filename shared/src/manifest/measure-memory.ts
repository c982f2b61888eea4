import { deserialize, serialize } from 'node:v8';
import type { SeenFiles } from './fs-measure.js';
import type { Manifest } from './manifest.js';

/** What a measuring thread knows of its earlier measurements. */
export interface MeasureMemory {
  /** Of trees, by their folders. */
  readonly trees: Map<string, Manifest>;
  /** Of platforms, by the tree that runs on them. */
  readonly platforms: Map<string, Manifest>;
  /** Of files of platforms. */
  readonly seen: SeenFiles;
}

/** As bytes, which one thread hands to the next: of a thousand files some 150 KB. */
export function packMemory(memory: MeasureMemory): Uint8Array {
  return new Uint8Array(serialize(memory));
}

/** What was packed in this process; an empty memory when there is nothing. */
export function unpackMemory(packed: Uint8Array | undefined): MeasureMemory {
  if (!packed) return { trees: new Map(), platforms: new Map(), seen: new Map() };
  return deserialize(packed) as MeasureMemory;
}
