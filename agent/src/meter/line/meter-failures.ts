import { FarolaError } from '@farola/shared';
import type { ErrorCode } from '@farola/shared';

/** What says that nobody answers, and not that a register is not there: silence, noise, or a gateway that speaks for the absent. */
export const UNANSWERED: ReadonlySet<ErrorCode> = new Set(['meter-timeout', 'meter-malformed', 'meter-unreachable']);

/** What the analyser itself answers in place of values. */
export const REFUSED: ReadonlySet<ErrorCode> = new Set(['meter-exception', 'meter-faulty', 'meter-busy']);

/** Exceptions that have a meaning of their own (Modbus application protocol V1.1b3, section 7): 10 and 11 are of a gateway. */
const CODE_OF: ReadonlyMap<number, ErrorCode> = new Map([
  [4, 'meter-faulty'],
  [5, 'meter-busy'],
  [6, 'meter-busy'],
  [10, 'meter-unreachable'],
  [11, 'meter-unreachable'],
]);

/** The error for an exception that came in place of an answer. */
export function exceptionError(analyser: string, unit: number, exception: number, options?: ErrorOptions): FarolaError {
  return new FarolaError(CODE_OF.get(exception) ?? 'meter-exception', { analyser, unit, exception }, options);
}
