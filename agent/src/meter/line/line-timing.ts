import type { LineConfig } from '../../config/config-schema.js';
import type { Profile } from '../profile/profile.js';

/** Above 19200 baud the silence between frames is fixed (Modbus over serial line V1.02, section 2.5.1.1). */
const FIXED_GAP_ABOVE_BAUD = 19_200;
const FIXED_GAP_MS = 1.75;
const GAP_CHARACTERS = 3.5;

/** The times of a line, ms; fractions count. */
export interface LineTiming {
  /** One byte on the wire; 0 when it is not known, as behind a gateway. */
  readonly byteMs: number;
  /** Silence before each question. */
  readonly gapMs: number;
  /** Silence before a question to another unit than the last; no less than `gapMs`. */
  readonly unitGapMs: number;
  /** The longest time that an analyser is given to answer, beside that of the bytes on the wire. */
  readonly timeoutMs: number;
  /** How long an answer may still come after it was given up. Of later ones nothing is claimed. */
  readonly worstLatenessMs: number;
}

/** What one model needs, ms. */
export interface UnitTiming {
  /** Silence between its last answer and the next question to it. */
  readonly minGapMs: number;
  /** The least time that it is given to answer. */
  readonly leastMs: number;
  /** After this long it answers no more; left out where that is not known. */
  readonly mostMs?: number;
}

/** Times of a unit that nothing is known of. */
export const UNKNOWN_UNIT: UnitTiming = { minGapMs: 0, leastMs: 0 };

/** Time of one byte on the line, ms; 0 behind a gateway, whose baud rate is not known here. */
export function byteMsOf(line: LineConfig): number {
  if (line.transport !== 'rtu') return 0;
  const bits = 1 + line.dataBits + (line.parity === 'none' ? 0 : 1) + line.stopBits;
  return (bits * 1_000) / line.baud;
}

/** The times of a line as it is configured; silence is what the bus needs where nothing else is told. */
export function timingOf(line: LineConfig): LineTiming {
  const gapMs = line.gapMs ?? busGapMs(line);
  return {
    byteMs: byteMsOf(line),
    gapMs,
    unitGapMs: Math.max(gapMs, line.unitGapMs ?? 0),
    timeoutMs: line.timeoutMs,
    worstLatenessMs: line.worstLatenessMs,
  };
}

/** What adapter and machine may add to the longest time that a model takes, ms: USB adapters hold bytes back for 16. */
const ADAPTER_MS = 100;

/**
 * What a model needs on this line: what the line is told for all its analysers comes first. Behind a gateway a model's longest time
 * bounds nothing, since the network adds what it likes.
 */
export function unitTimingOf(line: LineConfig, { minGapMs, timeoutMs }: Pick<Profile, 'minGapMs' | 'timeoutMs'>): UnitTiming {
  const { least = 0, most } = timeoutMs;
  const bounded = line.transport === 'rtu' && most !== undefined;
  return { minGapMs: line.gapMs ?? minGapMs, leastMs: least, ...(bounded ? { mostMs: most + ADAPTER_MS } : {}) };
}

function busGapMs(line: LineConfig): number {
  if (line.transport !== 'rtu') return 0;
  return line.baud > FIXED_GAP_ABOVE_BAUD ? FIXED_GAP_MS : GAP_CHARACTERS * byteMsOf(line);
}
