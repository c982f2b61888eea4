import { CLOCK_QUALITY } from '../clock.js';
import { type Cbor, encodeCbor } from '../envelope/cbor.js';
import type { AnalyserRow, KnownEntry, SampleEntry } from './entry.js';
import { ENTRY_KINDS, EVENT_CODES, PROFILE_ORIGINS, SAMPLE_STATUS } from './kinds.js';
import { marksItem, sayAnything } from './sample-marks.js';

/** Encodes an entry as a CBOR array: kind, mono, wall, quality, then what the kind carries (docs/protocol.md). */
export function encodeEntry(entry: KnownEntry): Uint8Array {
  const { monoMs, wallMs, quality } = entry.at;
  return encodeCbor([ENTRY_KINDS[entry.kind], monoMs, wallMs, CLOCK_QUALITY[quality], ...bodyOf(entry)]);
}

function bodyOf(entry: KnownEntry): Cbor[] {
  switch (entry.kind) {
    case 'start': {
      const { previous } = entry;
      const before = previous && [previous.epoch, previous.n, previous.head];
      return [entry.boot, before, entry.codeHash, entry.configHash, entry.agentVersion, entry.analysers.map(rowItems)];
    }
    case 'table':
      return [entry.analysers.map(rowItems), entry.retired];
    case 'clock':
      return [entry.before.wallMs, CLOCK_QUALITY[entry.before.quality]];
    case 'sample':
      return [entry.analyser, entry.spanMs, SAMPLE_STATUS[entry.status], entry.values, ...marksOf(entry)];
    case 'event':
      return [EVENT_CODES[entry.code], entry.facts];
  }
}

function marksOf({ marks }: SampleEntry): Cbor[] {
  return marks && sayAnything(marks) ? [marksItem(marks)] : [];
}

function rowItems(row: AnalyserRow): Cbor {
  const { index, id, line, unit, profileId, profileHash, profileOrigin, serialNumber, ctRatio, vtRatio, quantities, periodS } =
    row;
  return [
    ...[index, id, line, unit, profileId, profileHash, PROFILE_ORIGINS[profileOrigin]],
    ...[serialNumber, ctRatio, vtRatio, quantities, periodS],
  ];
}
