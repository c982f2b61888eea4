import type { LineConfig } from '../../config/config-schema.js';
import { byteMsOf, timingOf, unitTimingOf } from '../line/line-timing.js';
import type { Profile } from '../profile/profile.js';

/** What a request costs on a line. */
export interface LineCost {
  /** Time of one byte on the wire, ms; 0 where bytes cost nothing, as over TCP. */
  readonly byteMs: number;
  /** From the end of a question to the first byte of its answer, ms. */
  readonly answerMs: number;
  /** Silence before each question, ms. */
  readonly gapMs: number;
}

/** Unit, function, address, count and CRC; and unit, function, number of bytes and CRC (Modbus over serial line V1.02, 2.5.1). */
const QUESTION_BYTES = 8;
const ANSWER_BYTES = 5;
/** What an analyser takes as long as nothing is known of it, ms. */
const USUAL_ANSWER_MS = 40;
/** Behind a gateway that passes frames on there is a serial line all the same; most are left at 9600 8N1. */
const BEHIND_GATEWAY_BYTE_MS = 10_000 / 9_600;
/** The silence by which an analyser sees that a question is over, in characters. */
const SILENT_CHARACTERS = 3.5;

/** A line of which nothing is known but that it is serial: 9600 8N1, 40 ms. */
export const USUAL_COST: LineCost = serialCost(BEHIND_GATEWAY_BYTE_MS, USUAL_ANSWER_MS);

/** Time that one request of so many registers takes, ms. */
export function requestMs(count: number, { byteMs, answerMs, gapMs }: LineCost): number {
  return gapMs + (QUESTION_BYTES + ANSWER_BYTES + 2 * count) * byteMs + answerMs;
}

/** Bytes of question and answer. */
export function requestBytes(count: number): number {
  return QUESTION_BYTES + ANSWER_BYTES + 2 * count;
}

/** A serial line with the silence that the bus asks for, and no more. */
export function serialCost(byteMs: number, answerMs: number): LineCost {
  const silenceMs = SILENT_CHARACTERS * byteMs;
  return { byteMs, answerMs: answerMs + silenceMs, gapMs: silenceMs };
}

/** What a request for this model costs on this line; the model takes what its profile calls typical to answer, or what is usual. */
export function costOfLine(line: LineConfig, profile: Pick<Profile, 'minGapMs' | 'timeoutMs'>): LineCost {
  const answerMs = profile.timeoutMs.typical ?? USUAL_ANSWER_MS;
  const gapMs = Math.max(timingOf(line).gapMs, unitTimingOf(line, profile).minGapMs);
  if (line.transport === 'modbus-tcp') return { byteMs: 0, answerMs, gapMs };
  const serial = serialCost(line.transport === 'rtu' ? byteMsOf(line) : BEHIND_GATEWAY_BYTE_MS, answerMs);
  return { ...serial, gapMs: Math.max(serial.gapMs, gapMs) };
}
