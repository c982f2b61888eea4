import { type ErrorCode, FarolaError, isoTimeMs, journalStream, logOutput, plainFacts } from '@farola/shared';
import { pino } from 'pino';
import type { Log } from './log.js';

/** Least severe record that is written. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * Writes one JSON object per line to standard output, its time in ISO 8601. Where that is systemd's journal, each line begins with its priority,
 * which the journal takes off. What cannot be written is left out, and told when it can be again.
 */
export function pinoLog(level: LogLevel): Log {
  const output = logOutput({ onBack: (count, reason) => fail('log-lost', { count, reason }) });
  const out = journalStream(output, pino.levels.labels, process.env['JOURNAL_STREAM']);
  const options = {
    level,
    base: {},
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${isoTimeMs(Date.now())}"`,
  };
  const logger = pino(options, out);
  const fail: Log['fail'] = (code, facts) => logger.error({ code, ...plainFacts(facts) }, new FarolaError(code, facts).message);
  return {
    info: (facts, message) => logger.info(plainFacts(facts), message),
    warn: (code: ErrorCode, facts) => logger.warn({ code, ...plainFacts(facts) }, new FarolaError(code, facts).message),
    fail,
  };
}
