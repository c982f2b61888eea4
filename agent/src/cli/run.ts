import { codeOf, FarolaError, promisedFs, systemdServiceManager } from '@farola/shared';
import { loadAgentConfig } from '../config.js';
import { runAgent } from '../main.js';
import { pinoLog } from '../log/pino-log.js';

const EXIT_SOFTWARE = 70;

/** What root makes in the folder of the service's user, that user cannot use later. Root's own state, as of a test, root may run on. */
async function refuseForeignRoot(stateDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = (await promisedFs.stat(stateDir).catch(() => undefined))?.uid ?? 0;
  if (owner !== 0) throw new FarolaError('run-as-root', { path: stateDir, owner });
}

/**
 * Runs the agent until SIGTERM or SIGINT. What nobody caught is written to the log with its code, and ends the process
 * with another status than 0: systemd starts it anew.
 * @throws FarolaError when the agent cannot begin, see `runAgent`; `run-as-root` for root on the state of another user
 */
export async function runCommand(options: { readonly config?: string | undefined }, signal: AbortSignal): Promise<void> {
  const log = pinoLog('error');
  const uncaught = (error: unknown): void => {
    const code = codeOf(error);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.fail(code, { ...(error instanceof FarolaError ? error.facts : {}), reason });
    process.exit(error instanceof FarolaError ? error.exit : EXIT_SOFTWARE);
  };
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  const service = systemdServiceManager(process.env, ({ message }) => log.fail('service-manager-untold', { reason: message }));
  await refuseForeignRoot((await loadAgentConfig(options.config)).config.stateDir);
  await runAgent({ configPath: options.config, signal, service });
}
