import type { ExecutionContext } from 'ava';
import { Dice } from './dice.js';

/** Frames of all campaigns together. */
export const FRAMES = process.env['FAROLA_LONG'] === '1' ? 1_000_000 : 20_000;
const SEED = Number(process.env['FAROLA_SEED'] ?? process.pid);
/** A frame that takes longer hangs, ms. A frame takes well under one; the rest is for a machine that is busy. */
const HANG_MS = 1000;
const MINUTE_MS = 60_000;
/** A mutation that came to the same bytes; it counts for nothing. */
const UNCHANGED = 'unchanged';

/** One frame of a campaign, made and given to who receives it. What came of it is told by a code, for the tally. */
export type Attempt = (dice: Dice) => string | Promise<string>;

/**
 * Makes `frames` attempts, each of which must come to a verdict, soon, and throws with what repeats it otherwise. Every
 * attempt has dice of its own, so that the seed and its number repeat it alone.
 * @param outcomes that the verdicts must come to at least, so that the mutants are known to reach several checks
 */
export async function campaign(t: ExecutionContext, frames: number, attempt: Attempt, outcomes = 4): Promise<void> {
  t.timeout(20 * MINUTE_MS);
  t.log(`FAROLA_SEED=${SEED} repeats these ${frames} frames`);
  const tally = new Map<string, number>();
  let slowestMs = 0;
  let unchanged = 0;
  for (let number = 0; number < frames + unchanged; number++) {
    const began = performance.now();
    let code: string;
    try {
      const made = attempt(new Dice(SEED * 1_000_003 + number * 7919));
      code = typeof made === 'string' ? made : await made;
    } catch (error) {
      t.log(error);
      throw new Error(`FAROLA_SEED=${SEED}, frame ${number}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, performance.now() - began);
    if (code === UNCHANGED) unchanged++;
    tally.set(code, (tally.get(code) ?? 0) + 1);
  }
  const told = [...tally].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  t.log(told.join(', '));
  t.true(slowestMs < HANG_MS, `a frame took ${slowestMs.toFixed(0)} ms`);
  t.true(tally.size >= outcomes, 'the mutants reach several checks');
}

/** The verdict on a mutant: its code, or a failure when it was taken though its bytes are not those of the good frame. */
export function verdictOn(mutant: Uint8Array, good: Uint8Array, code: string | undefined): string {
  if (Buffer.compare(mutant, good) === 0) return UNCHANGED;
  if (code === undefined) throw new Error(`accepted: ${Buffer.from(mutant).toString('hex')}`);
  return code;
}
