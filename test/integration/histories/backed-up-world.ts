import type { ExecutionContext } from 'ava';
import { toHex } from '@farola/shared';
import type { HistoryUnit } from './history-unit.js';
import { HistoryWorld } from './history-world.js';

/** Room of a journal, bytes: of some hundreds of entries, so that it releases what was acknowledged. */
const ROOM_BYTES = 200_000;

/** A history whose collector was copied before its one unit had said anything. */
export interface BackedUpWorld {
  readonly world: HistoryWorld;
  readonly unit: HistoryUnit;
  /** Where the copy lies. */
  readonly backup: string;
  /** The present epoch of the unit, in hexadecimal. */
  readonly epoch: string;
}

/** Begins one; it ends with the test. */
export async function backedUpWorld(t: ExecutionContext, seed: number): Promise<BackedUpWorld> {
  t.timeout(120_000);
  const world = await HistoryWorld.begin(seed, ROOM_BYTES);
  t.teardown(() => world.end());
  const [unit] = world.units;
  if (!unit) throw new TypeError('a history begins with a unit');
  return { world, unit, backup: world.copyCollector(), epoch: toHex(unit.journal.epoch) };
}
