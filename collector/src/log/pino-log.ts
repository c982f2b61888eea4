import { isJournal, journalPrefix, type Severity } from '@farola/shared';
import { type DestinationStream, destination, pino } from 'pino';
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
  return pino(options, standardOutput());
}

function standardOutput(): DestinationStream {
  const out = destination({ fd: 1, sync: true });
  return isJournal(1, process.env['JOURNAL_STREAM']) ? withPriority(out) : out;
}

/** pino tells a stream with this mark the level of each line before it writes it. */
const TELLS_LEVEL = Symbol.for('pino.metadata');

function withPriority(out: DestinationStream): DestinationStream {
  return {
    [TELLS_LEVEL]: true,
    lastLevel: pino.levels.values['info'],
    write(line: string) {
      out.write(journalPrefix(pino.levels.labels[this.lastLevel ?? 0] as Severity) + line);
    },
  } as DestinationStream & { lastLevel?: number };
}
