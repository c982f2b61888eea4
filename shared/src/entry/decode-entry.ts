import * as z from 'zod';
import { clockQualityName, type Instant } from '../clock.js';
import { MalformedCbor } from '../envelope/cbor-cursor.js';
import { type Cbor, decodeCbor } from '../envelope/cbor.js';
import { boot16, epoch8, hash32, lastNumber, uint } from '../protocol/fields.js';
import type { AnalyserRow, Entry, KnownEntry, SampleEntry, SampleValue, UnknownEntry } from './entry.js';
import {
  ENTRY_KINDS,
  EVENT_CODES,
  type EventCode,
  PROFILE_ORIGINS,
  type ProfileOrigin,
  SAMPLE_STATUS,
  type SampleStatus,
} from './kinds.js';
import { readMarks } from './sample-marks.js';

const ORIGIN_NAMES = new Map<number, ProfileOrigin>(
  Object.entries(PROFILE_ORIGINS).map(([name, number]) => [number, name as ProfileOrigin]),
);
const ratio = z.tuple([uint, uint]).nullable();
const text = z.string().max(128);
const origin = z.int().transform((number, context) => {
  const name = ORIGIN_NAMES.get(number);
  if (name) return name;
  context.addIssue('origin of a profile is not known');
  return z.NEVER;
});
const periodS = z.int().min(1).max(3_600);
const analyserRow = z
  .tuple([uint, text, text, uint, text, hash32, origin, text.nullable(), ratio, ratio, z.array(uint).max(256), periodS])
  .transform(
    ([
      index,
      id,
      line,
      unit,
      profileId,
      profileHash,
      profileOrigin,
      serialNumber,
      ctRatio,
      vtRatio,
      quantities,
      seconds,
    ]): AnalyserRow => ({
      index,
      id,
      line,
      unit,
      profileId,
      profileHash,
      profileOrigin,
      serialNumber,
      ctRatio,
      vtRatio,
      quantities,
      periodS: seconds,
    }),
  );
const quality = z.int().transform((number, context) => {
  const name = clockQualityName(number);
  if (name) return name;
  context.addIssue('clock quality is not known');
  return z.NEVER;
});
const at = [uint, uint, quality] as const;
const previousEpoch = z.tuple([epoch8, lastNumber, hash32]).nullable();

const startBody = z.tuple([...at, boot16, previousEpoch, hash32.nullable(), hash32, text, z.array(analyserRow).max(64)]);
const tableBody = z.tuple([...at, z.array(analyserRow).max(64), z.array(uint).max(64)]);
const clockBody = z.tuple([...at, uint, quality]);
const eventBody = z.tuple([...at, uint, z.array(z.custom<Cbor>(() => true)).max(16)]);

/**
 * Reads the bytes of an entry. A kind, version or shape that this code does not know, and bytes that are no CBOR, give
 * `unknown`: an entry is proven by the chain, and kept, whatever it holds.
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  const items = decodeItems(bytes);
  if (!items) return UNKNOWN;
  const [kind, ...rest] = items;
  return BODIES.get(kind)?.(rest) ?? UNKNOWN;
}

const UNKNOWN: UnknownEntry = { kind: 'unknown' };

function decodeItems(bytes: Uint8Array): readonly Cbor[] | undefined {
  try {
    const value = decodeCbor(bytes);
    return Array.isArray(value) ? (value as Cbor[]) : undefined;
  } catch (error) {
    if (error instanceof MalformedCbor) return undefined;
    throw error;
  }
}

function instant([monoMs, wallMs, quality]: readonly [number, number, Instant['quality'], ...unknown[]]): Instant {
  return { monoMs, wallMs, quality };
}

const STATUS_NAMES = new Map<number, SampleStatus>(
  Object.entries(SAMPLE_STATUS).map(([name, number]) => [number, name as SampleStatus]),
);
const EVENT_NAMES = new Map<number, EventCode>(Object.entries(EVENT_CODES).map(([name, number]) => [number, name as EventCode]));

type ReadBody = (items: readonly Cbor[]) => KnownEntry | undefined;

/** A map, since the key comes from the wire: `toString` and `[4]` are not kinds. */
const BODIES = new Map<Cbor | undefined, ReadBody>([
  [ENTRY_KINDS.start, readStart],
  [ENTRY_KINDS.table, readTable],
  [ENTRY_KINDS.clock, readClock],
  [ENTRY_KINDS.sample, readSample],
  [ENTRY_KINDS.event, readEvent],
]);

function readStart(items: readonly Cbor[]): KnownEntry | undefined {
  const { data } = startBody.safeParse(items);
  if (!data) return undefined;
  const [, , , boot, before, codeHash, configHash, agentVersion, analysers] = data;
  const previous = before && { epoch: before[0], n: before[1], head: before[2] };
  return { kind: 'start', at: instant(data), boot, previous, codeHash, configHash, agentVersion, analysers };
}

function readTable(items: readonly Cbor[]): KnownEntry | undefined {
  const { data } = tableBody.safeParse(items);
  return data && { kind: 'table', at: instant(data), analysers: data[3], retired: data[4] };
}

function readClock(items: readonly Cbor[]): KnownEntry | undefined {
  const { data } = clockBody.safeParse(items);
  if (!data) return undefined;
  const now = instant(data);
  return { kind: 'clock', at: now, before: { monoMs: now.monoMs, wallMs: data[3], quality: data[4] } };
}

/** Without marks, which are left out where they say nothing. */
const SAMPLE_ITEMS = 7;
const SAMPLE_VALUES = 256;

/** Without zod: a day of one LCU has thousands of samples with dozens of values each. */
function readSample(items: readonly Cbor[]): KnownEntry | undefined {
  const [monoMs, wallMs, clock, analyser, spanMs, told, values, marked] = items;
  const quality = typeof clock === 'number' ? clockQualityName(clock) : undefined;
  const status = typeof told === 'number' ? STATUS_NAMES.get(told) : undefined;
  if (items.length > SAMPLE_ITEMS + 1 || !quality || !status || !areValues(values)) return undefined;
  if (!isUint(monoMs) || !isUint(wallMs) || !isUint(analyser) || !isUint(spanMs)) return undefined;
  const sample: SampleEntry = { kind: 'sample', at: { monoMs, wallMs, quality }, analyser, spanMs, status, values };
  if (items.length === SAMPLE_ITEMS) return sample;
  const marks = readMarks(marked, { count: values.length, spanMs });
  return marks && { ...sample, marks };
}

function isUint(item: Cbor | undefined): item is number {
  return Number.isSafeInteger(item) && (item as number) >= 0;
}

function areValues(item: Cbor | undefined): item is SampleValue[] {
  if (!Array.isArray(item) || item.length > SAMPLE_VALUES) return false;
  for (const value of item as readonly Cbor[]) {
    if (value !== null && typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false;
  }
  return true;
}

function readEvent(items: readonly Cbor[]): KnownEntry | undefined {
  const { data } = eventBody.safeParse(items);
  const code = data && EVENT_NAMES.get(data[3]);
  return data && code && { kind: 'event', at: instant(data), code, facts: data[4] };
}
