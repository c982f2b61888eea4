import type { Clock, FarolaError } from '@farola/shared';
import { statusOfFailure } from '../analyser-reader.js';
import { REFUSED, UNANSWERED } from '../line/meter-failures.js';
import type { ProbedReader, Reading } from '../reading.js';
import type { DeviceCheck } from './device-check.js';
import type { DeviceMark } from './setting-flags.js';

/** A reading in which the device was exchanged is made again, this often in all. */
const READINGS_MOST = 3;

/** Whose values are used only when the device is known, and what knows it. */
export interface IdentifiedReaderOptions {
  readonly reader: ProbedReader;
  /** Shared by all readers of the analyser. */
  readonly device: DeviceCheck;
  readonly clock: Clock;
}

/**
 * Reads an analyser when its device is the one that the configuration means. Where the line was opened anew during a reading, it is
 * made sure again before the values are given away, and a reading in which the device was exchanged is made again. Values tell when the device was exchanged or set otherwise: in the first
 * reading after that, and as long as a ratio is not the configured one.
 */
export function identifiedReader({ reader, device, clock }: IdentifiedReaderOptions): ProbedReader {
  const seen = { exchanges: 0, settingChanges: 0 };

  function unread(failure: FarolaError, startedAt = clock.now()): Reading {
    const spanMs = clock.now().monoMs - startedAt.monoMs;
    return { startedAt, spanMs, status: statusOfFailure(failure.code), values: [], offsets: [], failure };
  }

  function withMarks(reading: Reading): Reading {
    if (!hasValues(reading)) return reading;
    const { exchanges, settingChanges, differs } = device.report;
    const isOther = exchanges > seen.exchanges;
    const isSet = differs || settingChanges > seen.settingChanges;
    Object.assign(seen, { exchanges, settingChanges });
    const deviceMarks: DeviceMark[] = [
      ...(isOther ? (['meter-exchanged'] as const) : []),
      ...(isSet ? (['setting-changed'] as const) : []),
    ];
    return deviceMarks.length > 0 ? { ...reading, deviceMarks } : reading;
  }

  return {
    async probe(signal) {
      const probed = await reader.probe(signal);
      if (isSilence(probed)) device.wasSilent();
      return probed;
    },
    async read(signal) {
      const startedAt = clock.now();
      const failure = await device.ensure(signal);
      if (failure) {
        if (UNANSWERED.has(failure.code)) device.wasSilent();
        return unread(failure, startedAt);
      }
      for (let left = READINGS_MOST; left > 0; left--) {
        const { opening } = device;
        const { exchanges } = device.report;
        const reading = await reader.read(signal);
        const wasOpened = hasValues(reading) && device.opening !== opening;
        const later = wasOpened ? await device.ensure(signal) : undefined;
        if (isSilence(reading) || (later && UNANSWERED.has(later.code))) device.wasSilent();
        if (later) return unread(later, startedAt);
        if (!reading.failure || REFUSED.has(reading.failure.code)) await device.look(signal);
        const isOfBoth = device.opening !== opening && device.report.exchanges > exchanges;
        if (!isOfBoth) return withMarks(reading);
      }
      return unread(device.notSettled, startedAt);
    },
  };
}

function hasValues({ values }: Reading): boolean {
  return values.some((value) => value !== null);
}

function isSilence({ failure }: Reading): boolean {
  return failure !== undefined && UNANSWERED.has(failure.code);
}
