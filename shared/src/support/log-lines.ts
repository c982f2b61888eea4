import { ERRORS } from '../errors.js';
import { knownReason } from './known-reason.js';

/** Texts of a record that are kept; every number and boolean is. */
const TEXTS: ReadonlySet<string> = new Set([
  'level',
  'time',
  'program',
  'code',
  'lcu',
  'collectorId',
  'address',
  'remote',
  'epoch',
  'line',
  'analyser',
  'state',
  'outcome',
]);
/** Fields whose text is a word of ours: kept where it looks like one. */
const WORDS: ReadonlySet<string> = new Set(['event', 'kind', 'after', 'month']);
const WORD = /^[a-z]{1,20}(-[a-z]{1,20}){0,5}$|^\d{4}-\d{2}$/;
/** Codes of what the proof of the ledger found: its own sentence says what. */
const OF_PROOF: ReadonlySet<unknown> = new Set(['ledger-damaged', 'ledger-incomplete']);
const NAME = /^[a-zA-Z]\w{0,31}$/;
/** Where an error was thrown: of a stack the lines with places, not that with the message. */
const PLACE = /^ {4}at .{1,300}$/;
/** What is a secret wherever it stands: an enrolment token, an identity of age, a private key in PEM. */
const SECRET = /farola1-[\w-]+|AGE-SECRET-KEY-1\w+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g;

/** The records of a log that a support bundle holds, and how many lines were none. */
export interface SupportLog {
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Lines that are no record of ours: they may say anything, and are left out. */
  readonly leftOut: number;
}

/**
 * The lines of a program's log with the fields that are known to hold no secret. A message with a code is that of the error table,
 * without the facts of the case; the stack of an error without its message.
 */
export function supportLog(lines: readonly string[]): SupportLog {
  const records = lines.map(recordOf).filter((record) => record !== undefined);
  return { records, leftOut: lines.filter((line) => line.trim() !== '').length - records.length };
}

/** A text in which nothing that looks like a secret is left. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET, '(removed)');
}

function recordOf(line: string): Record<string, unknown> | undefined {
  const parsed = parse(line);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const { msg, code, err } = parsed as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value === 'number' || typeof value === 'boolean') {
      if (NAME.test(name)) kept[name] = value;
    } else if (typeof value === 'string') {
      const text = textOf(name, value, code);
      if (text !== null) kept[name] = text;
    }
  }
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) kept['msg'] = ERRORS[code as keyof typeof ERRORS].message;
  else if (typeof msg === 'string' && code === undefined) kept['msg'] = withoutSecrets(msg);
  const places = placesOf(err);
  if (places.length > 0) kept['stack'] = places;
  return kept;
}

/** What stays of a text; null for nothing. */
function textOf(name: string, value: string, code: unknown): string | null {
  if (name === 'reason') return knownReason(value);
  if (WORDS.has(name)) return WORD.test(value) ? value : null;
  return TEXTS.has(name) || (name === 'what' && OF_PROOF.has(code)) ? withoutSecrets(value) : null;
}

function placesOf(err: unknown): string[] {
  if (typeof err !== 'object' || err === null || !('stack' in err) || typeof err.stack !== 'string') return [];
  return err.stack
    .split('\n')
    .filter((line) => PLACE.test(line))
    .map((line) => withoutSecrets(line.trim()));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
