import { ERRORS, FarolaError, refuseForeignRoot, systemdServiceManager } from '@farola/shared';
import { loadCollectorConfig } from '../config/fs-config.js';
import { runCollector } from '../main.js';
import { openPinoLog } from '../log/pino-log.js';
import type { CommandOptions } from './command-options.js';

/** Options of `run`. */
export interface RunCommandOptions extends CommandOptions {
  /** Run as root in folders of another user. */
  readonly allowRoot?: boolean;
}

/** Runs the collector until SIGTERM or SIGINT, then stops in order. Errors: those of `runCollector`; `run-as-root` for root in folders of another user. */
export async function runCommand({ config, allowRoot = false }: RunCommandOptions): Promise<void> {
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
  if (!allowRoot) {
    const { stateDir, runDir } = await loadCollectorConfig(config);
    await refuseForeignRoot([stateDir, runDir], 'farola-collector');
  }
  await runCollector({ configPath: config, signal: stop.signal, service });
}
