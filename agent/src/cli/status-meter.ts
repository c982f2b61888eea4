import { counted, isoTime, printable } from '@farola/shared';
import type { MeterStatus } from '../status/run-status.js';

type LineStatus = MeterStatus['lines'][number];
type AnalyserStatus = MeterStatus['analysers'][number];

/** The part of a status about lines and analysers: names, and what is said of them. @param nowMs wall time, for ages */
export function meterLines({ rounds, skipped, lines, analysers }: MeterStatus, nowMs: number): [string, string][] {
  return [
    ['rounds', `${rounds} begun, ${skipped} skipped`],
    ...lines.map((line): [string, string] => [`line ${line.id}`, lineText(line)]),
    ...analysers.map((analyser): [string, string] => [`analyser ${analyser.id}`, analyserText(analyser, nowMs)]),
  ];
}

function lineText({ unavailable, failedOpens, ...counters }: LineStatus): string {
  const { requests, ok, timeouts, malformed, crc, exceptions, lateAnswers, strayBytes } = counters;
  const trouble = unavailable ? `unavailable since ${isoTime(unavailable.sinceMs)}: ${printable(unavailable.reason)}; ` : '';
  const opens = failedOpens > 0 ? `${counted(failedOpens, 'failed open')}, ` : '';
  const failed = `${counted(timeouts, 'timeout')}, ${malformed} malformed (${crc} CRC), ${counted(exceptions, 'exception')}`;
  return `${trouble}${opens}${ok} of ${requests} answered, ${failed}, ${lateAnswers} late, ${counted(strayBytes, 'stray byte')}`;
}

function analyserText({ status, atMs, failingSinceMs, code, device, mismatch, flags }: AnalyserStatus, nowMs: number): string {
  if (status === null || atMs === null) return 'no sample yet';
  const why = code !== null && code !== status ? ` (${code})` : '';
  const since = failingSinceMs === null ? '' : `, failing since ${isoTime(failingSinceMs)}`;
  const odd = flags.map(({ rule, quantities }) => `${printable(rule)} (${printable(quantities.join(', '))})`);
  const notPlausible = odd.length === 0 ? '' : `; not plausible: ${odd.join(', ')}`;
  const is = mismatch === null ? deviceText(device) : `; ${printable(mismatch)}`;
  return `${status}${why}, newest sample ${Math.max(0, Math.round((nowMs - atMs) / 1_000))} s ago${since}${is}${notPlausible}`;
}

function deviceText(device: AnalyserStatus['device']): string {
  if (!device) return '';
  const { model, serialNumber, firmware } = device;
  const parts = [model, serialNumber && `serial number ${serialNumber}`, firmware && `firmware ${firmware}`];
  const told = parts.filter((part) => part !== null && part !== '');
  return told.length === 0 ? '' : `; ${printable(told.join(', '))}`;
}
