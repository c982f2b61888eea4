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

/** From where the answer time of a cost is: learned of the analyser, what its profile calls typical, or what is usual. */
export type AnswerSource = 'learned' | 'profile' | 'usual';

/** What a request for an analyser costs, and from where its answer time is. */
export interface AnalyserCost extends LineCost {
  readonly answerFrom: AnswerSource;
}

/** Unit, function, address, count and CRC; and unit, function, number of bytes and CRC (Modbus over serial line V1.02, 2.5.1). */
const QUESTION_BYTES = 8;
const ANSWER_BYTES = 5;
/** What an analyser takes as long as nothing is known of it, ms. */
const USUAL_ANSWER_MS = 40;
/** A request without any cost would make one for each row as cheap as one for all, ms. */
const LEARNED_LEAST_MS = 0.1;
/** Behind a gateway that passes frames on there is a serial line all the same; most are left at 9600 8N1. */
const BEHIND_GATEWAY_BYTE_MS = 10_000 / 9_600;
/** The silence by which an analyser sees that a question is over, in characters. */
const SILENT_CHARACTERS = 3.5;

/** A line of which nothing is known but that it is serial: 9600 8N1, 40 ms. */
export const USUAL_COST: AnalyserCost = { ...serialCost(BEHIND_GATEWAY_BYTE_MS, USUAL_ANSWER_MS), answerFrom: 'usual' };

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

/**
 * What a request for an analyser of this model costs on this line.
 * @param learnedMs what the line learned of its answers, see `learnsAnswers`; undefined while that is not enough
 */
export function costOfLine(line: LineConfig, profile: Pick<Profile, 'minGapMs' | 'timeoutMs'>, learnedMs?: number): AnalyserCost {
  const { typical } = profile.timeoutMs;
  const gapMs = Math.max(timingOf(line).gapMs, unitTimingOf(line, profile).minGapMs);
  const answerMs = typical ?? USUAL_ANSWER_MS;
  const known = { answerFrom: typical === undefined ? ('usual' as const) : ('profile' as const), gapMs };
  const learned =
    learnedMs === undefined ? {} : { answerFrom: 'learned' as const, answerMs: Math.max(learnedMs, LEARNED_LEAST_MS) };
  if (line.transport === 'modbus-tcp') return { byteMs: 0, answerMs, ...known, ...learned };
  const serial = serialCost(line.transport === 'rtu' ? byteMsOf(line) : BEHIND_GATEWAY_BYTE_MS, answerMs);
  // What was learned begins with the last byte of the question, and has the silence that follows it inside.
  return { ...serial, ...known, gapMs: Math.max(serial.gapMs, gapMs), ...learned };
}

/**
 * Whether what answers take on a line is what its analysers take. Behind a gateway that passes frames on it is not: the bytes on the serial
 * line, of which nobody knows how fast they are, are inside.
 */
export function learnsAnswers({ transport }: Pick<LineConfig, 'transport'>): boolean {
  return transport !== 'rtu-over-tcp';
}
