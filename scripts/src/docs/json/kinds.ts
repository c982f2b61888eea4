import { ERRORS } from '@farola/shared';
import { z } from 'zod';

/** A wall time as every command prints it: `2026-11-22T18:00:00.000Z`. */
export const time = z.iso.datetime({ precision: 3 }).meta({ kind: 'time' });
export const text = z.string().meta({ kind: 'text' });
export const flag = z.boolean();
/** A number of things, or of whole units that the name says. */
export const count = z.int().min(0).meta({ kind: 'count' });
/** A number that may be below zero or have a fraction. */
export const number = z.number().meta({ kind: 'number' });
/** A path of the file system. */
export const path = z.string().startsWith('/').meta({ kind: 'path' });
/** A decimal number as text, so that no float changes a digit. */
export const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ kind: 'decimal text' });
/** A code of the error table. */
export const errorCode = z.enum(Object.keys(ERRORS) as [string, ...string[]]).meta({ kind: 'code', href: 'errors.md' });
/** What a poll or a round gave. */
export const verdict = z.enum(['ok', ...Object.keys(ERRORS)]).meta({ kind: '`ok` or code', href: 'errors.md' });

/** Bytes in lower-case hexadecimal. @param bytes how many */
export function hex(bytes: number): z.ZodString {
  return z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
    .meta({ kind: `${bytes} bytes, hex` });
}

/** One of some words. */
export function word(...words: readonly [string, ...string[]]): z.ZodType {
  return z.enum(words);
}

/** The words that are the keys of a table. */
export function wordOf(table: object): z.ZodType {
  return z.enum(Object.keys(table) as [string, ...string[]]);
}

/** The file of a month, `YYYY-MM`. */
export const month = z
  .string()
  .regex(/^\d{4}-\d\d$/)
  .meta({ kind: 'month' });

/** What went wrong, wherever it is told. */
export const problem = z.strictObject({
  code: errorCode.describe('code of the error table'),
  message: text.describe('what was wrong, the value, and what was allowed'),
  hint: text.nullable().describe('what to do'),
});

/** The volume under the state of an LCU, wherever it is told. */
export const storage = z.strictObject({
  freeBytes: count.nullable().describe('free for the agent'),
  readOnly: flag.nullable().describe('whether the volume takes no writes'),
  lifePercent: count.nullable().describe('how much of its life eMMC says is used up; 110 beyond it'),
  fileSystemErrors: count.nullable().describe('errors that ext4 has found since it was made'),
});

/** What is judged of a hash. */
export const mark = word('approved', 'unknown', 'revoked', 'unmeasured');
