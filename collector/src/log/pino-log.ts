import { journalStream } from '@farola/shared';
import { destination, pino } from 'pino';
import type { Log } from './log.js';

/**
 * A log that writes JSON lines on standard output. Where that is systemd's journal, each line begins with its priority,
 * which the journal takes off.
 */
export function openPinoLog(level: string): Log {
  const options = {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    base: { program: 'farola-collector' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, journalStream(destination({ fd: 1, sync: true }), pino.levels.labels, process.env['JOURNAL_STREAM']));
}
