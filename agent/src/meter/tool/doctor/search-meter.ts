import { FarolaError } from '@farola/shared';
import { exceptionError, UNANSWERED } from '../../line/meter-failures.js';
import type { RegisterClient } from '../../line/register-client.js';
import { readRegisters } from '../read-registers.js';
import type { RegisterAnswers, RegisterRange } from '../read-registers.js';
import { silenceVerdict } from './diagnose.js';
import type { RowVerdict } from './diagnose.js';
import type { Expectation } from './expectation.js';
import { searchRegisters } from './search-registers.js';
import type { FoundPlaces } from './search-registers.js';

/** What one of the two functions that read gave. */
export interface SearchedFunction {
  readonly functionCode: 3 | 4;
  /** Registers by address, or why there are none: nobody answered. */
  readonly answers: RegisterAnswers | FarolaError;
  /** Every quantity, with the places where it may lie. */
  readonly found: readonly FoundPlaces[];
}

/**
 * Searches registers for what the display shows; where not all of it is found, by the other function too, since models differ in which of the two they answer, and
 * some have other registers behind each.
 * @returns each function that was asked, the one that finds more in front
 * @throws FarolaError those of the line but its silence; the reason of the signal
 */
export async function searchMeter(
  client: RegisterClient,
  range: RegisterRange,
  expectations: readonly Expectation[],
  signal: AbortSignal,
): Promise<readonly [SearchedFunction, ...SearchedFunction[]]> {
  const first = await searchBy(client, range, expectations, signal);
  if (foundCount(first) === expectations.length) return [first];
  const otherCode = range.functionCode === 3 ? 4 : 3;
  const other = await searchBy(client, { ...range, functionCode: otherCode }, expectations, signal);
  return rank(other) > rank(first) ? [other, first] : [first, other];
}

/** How many quantities have a place. */
export function foundCount({ found }: SearchedFunction): number {
  return found.filter(({ places }) => places.length > 0).length;
}

/** Registers that were given, and that were not. */
export function givenCounts({ answers }: SearchedFunction): { readonly given: number; readonly refused: number } {
  if (answers instanceof FarolaError) return { given: 0, refused: 0 };
  const given = [...answers.values()].filter((answer) => 'word' in answer).length;
  return { given, refused: answers.size - given };
}

/** What came of all registers together, in the words of the doctor. */
export function searchVerdict({ answers }: SearchedFunction): Exclude<RowVerdict, 'not polled'> {
  if (answers instanceof FarolaError) return silenceVerdict(answers);
  const words = [...answers.values()].flatMap((answer) => ('word' in answer ? [answer.word] : []));
  if (words.length === 0) return 'refused';
  return words.every((word) => word === 0) ? 'zero' : 'read';
}

/** Why there is no number at all: silence, or the first of the exceptions; undefined where a register was given. */
export function searchFailure({ analyser, unit }: RegisterRange, { answers }: SearchedFunction): FarolaError | undefined {
  if (answers instanceof FarolaError) return answers;
  const exceptions = [...answers.values()].flatMap((answer) => ('exception' in answer ? [answer.exception] : []));
  const [first] = exceptions;
  return first === undefined || exceptions.length < answers.size ? undefined : exceptionError(analyser, unit, first);
}

async function searchBy(
  client: RegisterClient,
  range: RegisterRange,
  expectations: readonly Expectation[],
  signal: AbortSignal,
): Promise<SearchedFunction> {
  const answers = await readRegisters(client, range, signal).catch((error: unknown) => {
    if (error instanceof FarolaError && UNANSWERED.has(error.code)) return error;
    throw error;
  });
  const held: RegisterAnswers = answers instanceof FarolaError ? new Map() : answers;
  return { functionCode: range.functionCode, answers, found: searchRegisters(expectations, held) };
}

/** Found quantities count before registers that are given, and those before an answer of any kind. */
function rank(one: SearchedFunction): number {
  const { given, refused } = givenCounts(one);
  return 4 * foundCount(one) + (given > 0 ? 2 : 0) + (refused > 0 ? 1 : 0);
}
