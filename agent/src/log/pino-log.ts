import { type ErrorCode, type Facts, FarolaError, isJournal, journalPrefix, type Severity } from '@farola/shared';
import { type DestinationStream, destination, pino } from 'pino';
import type { Log } from './log.js';

/** Least severe record that is written. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * Writes one JSON object per line to standard output. Where that is systemd's journal, each line begins with its priority,
 * which the journal takes off.
 */
export function pinoLog(level: LogLevel): Log {
  const logger = pino({ level, base: {}, formatters: { level: (label) => ({ level: label }) } }, standardOutput());
  return {
    info: (facts, message) => logger.info(plain(facts), message),
    warn: (code: ErrorCode, facts) => logger.warn({ code, ...plain(facts) }, new FarolaError(code, facts).message),
    fail: (code: ErrorCode, facts) => logger.error({ code, ...plain(facts) }, new FarolaError(code, facts).message),
  };
}

function plain(facts: Facts): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
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
