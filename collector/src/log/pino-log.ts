import { FarolaError, journalStream, logOutput } from '@farola/shared';
import { pino } from 'pino';
import type { Log } from './log.js';

/**
 * A log that writes JSON lines on standard output. Where that is systemd's journal, each line begins with its priority,
 * which the journal takes off. What cannot be written is left out, and told when it can be again.
 */
export function openPinoLog(level: string): Log {
  const options = {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    base: { program: 'farola-collector' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const output = logOutput({
    onBack: (count, reason) => {
      const { code, facts, hint, message } = new FarolaError('log-lost', { count, reason });
      logger.error({ code, ...facts, hint }, message);
    },
  });
  const logger = pino(options, journalStream(output, pino.levels.labels, process.env['JOURNAL_STREAM']));
  return logger;
}
