import { ERRORS, FarolaError, systemdServiceManager } from '@farola/shared';
import { runCollector } from '../main.js';
import { openPinoLog } from '../log/pino-log.js';
import type { CommandOptions } from './command-options.js';

/** Runs the collector until SIGTERM or SIGINT, then stops in order. Errors: those of `runCollector`. */
export async function runCommand({ config }: CommandOptions): Promise<void> {
  // A defect: said in one line of the log, and the service manager starts the program anew.
  process.once('uncaughtException', (error: Error) => {
    openPinoLog('error').error({ code: 'internal', err: error }, 'the collector ends on a defect');
    process.exit(ERRORS.internal.exit);
  });
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  const service = systemdServiceManager(process.env, ({ message }) => {
    const { code, facts, hint } = new FarolaError('service-manager-untold', { reason: message });
    openPinoLog('error').error({ code, ...facts, hint }, 'systemd could not be told');
  });
  await runCollector({ configPath: config, signal: stop.signal, service });
}
