import { counted, isoTime, printable } from '@farola/shared';
import { settingText } from '../meter/identity/noticed-settings.js';
import type { MeterStatus } from '../status/run-status.js';

type LineStatus = MeterStatus['lines'][number];
type AnalyserStatus = MeterStatus['analysers'][number];

/** Beyond two periods of the shortest group: then no sample came that was due, and the newest says little of how it goes now, ms. */
const STILL_MS = 90_000;

/** The part of a status about lines and analysers: names, and what is said of them. @param nowMs wall time, for ages */
export function meterLines({ lines, analysers }: MeterStatus, nowMs: number): [string, string][] {
  return [
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

function analyserText(analyser: AnalyserStatus, nowMs: number): string {
  const { status, atMs, failingSinceMs, code, device, mismatch, settings, flags, groups } = analyser;
  const read = groups.map((group) => groupText(group, status)).join(', ');
  if (status === null || atMs === null) return `no sample yet; ${read}`;
  const why = code !== null && code !== status ? ` (${code})` : '';
  const since = failingSinceMs === null ? '' : `, failing since ${isoTime(failingSinceMs)}`;
  const odd = flags.map(({ rule, quantities }) => `${printable(rule)} (${printable(quantities.join(', '))})`);
  const notPlausible = odd.length === 0 ? '' : `; not plausible: ${odd.join(', ')}`;
  const is = mismatch === null ? deviceText(device) : `; ${printable(mismatch)}`;
  const set = settings.map((one) => `; ${printable(settingText(one, isoTime))}`).join('');
  const ageMs = Math.max(0, nowMs - atMs);
  const shortestMs = 1_000 * Math.min(...groups.map(({ periodS }) => periodS));
  const ago = `${ageMs > 2 * shortestMs + STILL_MS ? 'BUT ' : ''}newest sample ${Math.round(ageMs / 1_000)} s ago`;
  return `${status}${why}, ${ago}${since}; ${read}${is}${set}${notPlausible}`;
}

function deviceText(device: AnalyserStatus['device']): string {
  if (!device) return '';
  const { model, serialNumber, firmware } = device;
  const parts = [model, serialNumber && `serial number ${serialNumber}`, firmware && `firmware ${firmware}`];
  const told = parts.filter((part) => part !== null && part !== '');
  return told.length === 0 ? '' : `; ${printable(told.join(', '))}`;
}

/** `9 quantities each 1 s`, and what is not as with the newest sample of all. */
function groupText({ quantities, periodS, status, skipped }: AnalyserStatus['groups'][number], newest: string | null): string {
  const apart = [
    ...(status !== null && status !== newest ? [status] : []),
    ...(skipped > 0 ? [`${skipped} left out: the line was busy`] : []),
  ];
  return `${counted(quantities, 'quantity', 'quantities')} each ${periodS} s${apart.length > 0 ? ` (${apart.join('; ')})` : ''}`;
}
