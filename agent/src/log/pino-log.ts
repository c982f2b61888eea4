import { type ErrorCode, FarolaError, isoTimeMs, journalStream, plainFacts } from '@farola/shared';
import { destination, pino } from 'pino';
import type { Log } from './log.js';

/** Least severe record that is written. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * Writes one JSON object per line to standard output, its time in ISO 8601. Where that is systemd's journal, each line begins with its priority,
 * which the journal takes off.
 */
export function pinoLog(level: LogLevel): Log {
  const out = journalStream(standardOutput(), pino.levels.labels, process.env['JOURNAL_STREAM']);
  const options = {
    level,
    base: {},
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${isoTimeMs(Date.now())}"`,
  };
  const logger = pino(options, out);
  return {
    info: (facts, message) => logger.info(plainFacts(facts), message),
    warn: (code: ErrorCode, facts) => logger.warn({ code, ...plainFacts(facts) }, new FarolaError(code, facts).message),
    fail: (code: ErrorCode, facts) => logger.error({ code, ...plainFacts(facts) }, new FarolaError(code, facts).message),
  };
}

/** What fails here, as on a full disk, is told as whatever else of the program cannot write its standard output. */
function standardOutput(): ReturnType<typeof destination> {
  const out = destination({ fd: 1, sync: true });
  return out.on('error', (error: Error) => void process.stdout.emit('error', error));
}
