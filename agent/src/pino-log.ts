import { type ErrorCode, type Facts, FarolaError } from '@farola/shared';
import { destination, pino } from 'pino';
import type { Log } from './log.js';

/** Least severe record that is written. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Writes one JSON object per line to standard output, where systemd's journal takes it up. */
export function pinoLog(level: LogLevel): Log {
  const logger = pino(
    { level, base: {}, formatters: { level: (label) => ({ level: label }) } },
    destination({ fd: 1, sync: true }),
  );
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
