import { pino } from 'pino';
import type { Log } from './log.js';

/** A log that writes JSON lines on standard output. */
export function openPinoLog(level: string): Log {
  return pino({
    level,
    formatters: { level: (label) => ({ level: label }) },
    base: { program: 'farola-collector' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
