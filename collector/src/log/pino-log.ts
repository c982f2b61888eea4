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
  return pino(options, journalStream(standardOutput(), pino.levels.labels, process.env['JOURNAL_STREAM']));
}

/** What fails here, as on a full disk, is told as whatever else of the program cannot write its standard output. */
function standardOutput(): ReturnType<typeof destination> {
  const out = destination({ fd: 1, sync: true });
  return out.on('error', (error: Error) => void process.stdout.emit('error', error));
}
