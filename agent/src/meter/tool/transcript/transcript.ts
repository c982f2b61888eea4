import { FarolaError } from '@farola/shared';

/** One thing that happened on a line. Times are ms since the recording began. */
export type Transfer =
  | { readonly atMs: number; readonly kind: 'open' | 'close' }
  | { readonly atMs: number; readonly kind: 'lost'; readonly reason: string }
  /** Bytes of a question, or of what came back. */
  | { readonly atMs: number; readonly kind: 'sent' | 'received'; readonly bytes: Uint8Array };

/** What a reading gave. */
export interface RecordedReading {
  readonly kind: 'reading';
  /** When it began, ms since the recording began. */
  readonly atMs: number;
  readonly analyser: string;
  readonly status: string;
  /** By quantity, decimal text in its unit; `-` where it is missing. */
  readonly values: Readonly<Record<string, string>>;
}

/** A recording of one line. */
export interface Transcript {
  /** Line and analysers as the configuration has them. */
  readonly config: { readonly lines: readonly unknown[]; readonly analysers: readonly unknown[] };
  readonly transfers: readonly Transfer[];
  readonly readings: readonly RecordedReading[];
}

const TITLE = 'farola transcript 1';
const SIGNS = { open: 'open', close: 'close', lost: 'lost', sent: '>', received: '<' } as const;
/** Characters that times take, so that bytes stand below each other. */
const TIME_WIDTH = 10;
const LINE = /^\s*(\d+(?:\.\d+)?) (open|close|lost|>|<|=)(?: (.*))?$/;

/** The first lines of a transcript. */
export function transcriptHead(config: Transcript['config']): string[] {
  return [
    TITLE,
    ...config.lines.map((line) => `line ${JSON.stringify(line)}`),
    ...config.analysers.map((one) => `analyser ${JSON.stringify(one)}`),
  ];
}

/** A transfer or reading as a line of a transcript. */
export function transcriptLine(one: Transfer | RecordedReading): string {
  const at = one.atMs.toFixed(1).padStart(TIME_WIDTH);
  if (one.kind === 'reading') {
    const values = Object.entries(one.values).map(([quantity, value]) => `${quantity}=${value}`);
    return [`${at} =`, one.analyser, one.status, ...values].join(' ');
  }
  const told = 'bytes' in one ? ` ${hexOf(one.bytes)}` : one.kind === 'lost' ? ` ${one.reason.replaceAll(/\s+/g, ' ')}` : '';
  return `${at} ${SIGNS[one.kind]}${told}`;
}

/**
 * Reads a transcript. What follows a `#` at the begin of a line is for people.
 * @throws FarolaError `transcript-invalid`
 */
export function parseTranscript(text: string, path: string): Transcript {
  const lines: unknown[] = [];
  const analysers: unknown[] = [];
  const transfers: Transfer[] = [];
  const readings: RecordedReading[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    const wrong = (reason: string): FarolaError => new FarolaError('transcript-invalid', { path, line: index + 1, reason });
    if (index === 0 && row !== TITLE) throw wrong(`it does not begin with \`${TITLE}\``);
    if (index === 0 || row.trim() === '' || row.startsWith('#')) continue;
    const [, kind, json] = /^(line|analyser) (.*)$/.exec(row) ?? [];
    if (json !== undefined) {
      (kind === 'line' ? lines : analysers).push(jsonOf(json, wrong));
      continue;
    }
    const parsed = parseLine(row);
    if (!parsed) throw wrong('neither `TIME open`, `close`, `lost REASON`, `> BYTES`, `< BYTES` nor `= ANALYSER STATUS VALUES`');
    if (parsed.kind === 'reading') readings.push(parsed);
    else transfers.push(parsed);
  }
  return { config: { lines, analysers }, transfers, readings };
}

function jsonOf(json: string, wrong: (reason: string) => FarolaError): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw wrong('it is no JSON');
  }
}

function parseLine(row: string): Transfer | RecordedReading | undefined {
  const [, time, sign, rest = ''] = LINE.exec(row) ?? [];
  if (time === undefined) return undefined;
  const atMs = Number(time);
  if (sign === 'open' || sign === 'close') return { atMs, kind: sign };
  if (sign === 'lost') return { atMs, kind: 'lost', reason: rest };
  if (sign === '=') return readingOf(atMs, rest);
  const bytes = bytesOf(rest);
  return bytes && { atMs, kind: sign === '>' ? 'sent' : 'received', bytes };
}

function readingOf(atMs: number, rest: string): RecordedReading | undefined {
  const [analyser, status, ...pairs] = rest.split(' ');
  if (analyser === undefined || status === undefined) return undefined;
  const values = Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
  return { kind: 'reading', atMs, analyser, status, values };
}

/** Bytes as a transcript writes them: `01 04 00 00`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

function bytesOf(text: string): Uint8Array | undefined {
  if (!/^[0-9A-Fa-f]{2}( [0-9A-Fa-f]{2})*$/.test(text)) return undefined;
  return Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));
}
