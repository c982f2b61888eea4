import { type HistoryKind, HistoryMoves } from './history-moves.js';
import { HistoryWorld } from './history-world.js';

/** Turns of each history. */
const TURNS = 30;

/** What histories there are, by what they are of. */
export const KINDS = [
  ['one unit', { units: 1, liars: 0, backups: false, losses: false }],
  ['one unit that loses what it has', { units: 1, liars: 0, backups: false, losses: true }],
  ['one unit, and a collector that is restored', { units: 1, liars: 0, backups: true, losses: false }],
  ['three units with one key', { units: 3, liars: 0, backups: false, losses: false }],
  ['three units with one key, and a collector that is restored', { units: 3, liars: 0, backups: true, losses: false }],
  ['four units of which two lie, with all that can be lost', { units: 4, liars: 2, backups: true, losses: true }],
] as const satisfies readonly (readonly [string, HistoryKind])[];

/** Plays the history of a seed, and gives what it shows that must not be. */
export async function problemsOf(seed: number, kind: HistoryKind): Promise<readonly string[]> {
  const world = await HistoryWorld.begin(seed);
  try {
    const moves = new HistoryMoves(world, kind);
    for (let turn = 0; turn < TURNS; turn++) await moves.turn();
    await world.settle();
    await world.oracle.judge();
    return world.oracle.problems;
  } finally {
    await world.end();
  }
}
