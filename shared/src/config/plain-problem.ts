import { isMap, isSeq } from 'yaml';
import type { z } from 'zod';
import { counted } from '../cli/counted.js';
import { shownValue } from '../cli/shown-value.js';

/** A problem as zod tells it. */
export type Issue = z.core.$ZodIssue;

/** How zod begins a message of its own, rather than one that a schema gave. */
const OF_ZOD = /^(Invalid|Too|Unrecognized)/;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a group of fields (`name: value`)',
  record: 'a group of fields (`name: value`)',
};

/** What is wrong with a field, in plain words, with what it says now. @param value what stands there, as `Document.getIn` gives it */
export function plainProblem(issue: Issue, value: unknown): string {
  if (value === undefined) return issue.code === 'custom' ? issue.message : 'is missing';
  if (value === null) return `is empty${wanted(issue)}`;
  return `${wrong(issue)}${found(value)}`;
}

function wanted(issue: Issue): string {
  return issue.code === 'invalid_type' && issue.expected in KINDS ? `: it must be ${KINDS[issue.expected]}` : '';
}

function wrong(issue: Issue): string {
  if (!OF_ZOD.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'boolean'
        ? 'is neither true nor false'
        : `is not ${KINDS[issue.expected] ?? `of kind ${issue.expected}`}`;
    case 'too_big':
      return beyond(issue.origin, Number(issue.maximum), true, issue.inclusive !== false);
    case 'too_small':
      return beyond(issue.origin, Number(issue.minimum), false, issue.inclusive !== false);
    case 'invalid_value':
      return noneOf(issue.values);
    case 'invalid_union':
      return noneOf(literalsOf(issue.errors) ?? []);
    case 'not_multiple_of':
      return `is not a multiple of ${issue.divisor}`;
    default:
      return 'is not as it must be';
  }
}

function beyond(origin: string, limit: number, isTooBig: boolean, inclusive: boolean): string {
  if (origin === 'string' || origin === 'array') {
    const unit = origin === 'string' ? counted(limit, 'character') : counted(limit, 'entry', 'entries');
    return isTooBig ? `has more than ${unit}` : `has fewer than ${unit}`;
  }
  if (isTooBig) return inclusive ? `is more than ${limit}` : `is not less than ${limit}`;
  return inclusive ? `is less than ${limit}` : `is not more than ${limit}`;
}

function noneOf(values: readonly unknown[]): string {
  const names = values.map((value) => `\`${String(value)}\``);
  const last = names.pop();
  if (last === undefined) return 'is not as it must be';
  return names.length === 0 ? `is not ${last}` : `is none of ${names.join(', ')} and ${last}`;
}

/** The values that a union of fixed values allows; undefined of any other union. */
export function literalsOf(alternatives: readonly (readonly Issue[])[]): unknown[] | undefined {
  const values = alternatives.map(([only, more]) =>
    only?.code === 'invalid_value' && only.path.length === 0 && !more ? only.values : [],
  );
  return alternatives.length > 0 && values.every((one) => one.length > 0) ? values.flat() : undefined;
}

/** Whether the schema has words of its own for this problem. */
export function hasOwnWords({ message }: Issue): boolean {
  return !OF_ZOD.test(message);
}

function found(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return `; it is \`${shownValue(value)}\``;
  if (typeof value === 'boolean') return `; it is \`${String(value)}\``;
  if (isSeq(value)) return value.items.length === 0 ? '; the list is empty' : '; it is a list';
  return isMap(value) ? '; it is a group of fields' : '';
}
