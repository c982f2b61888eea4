import { codeOf, FarolaError, outliveOutput, refuseForeignRoot, systemdServiceManager } from '@farola/shared';
import type { AgentConfig } from '../config.js';
import { runAgent } from '../main.js';
import { pinoLog } from '../log/pino-log.js';

const EXIT_SOFTWARE = 70;

/** What `farola-agent run` is asked. */
export interface RunOptions {
  /** Path of the configuration; /etc/farola/agent.yaml when it is not told. */
  readonly config?: string | undefined;
  /** Run as root in folders of another user. */
  readonly allowRoot?: boolean | undefined;
}

/**
 * Runs the agent until SIGTERM or SIGINT, whether its log can be written or not. What nobody caught is written to the log with its code, and ends the process
 * with another status than 0: systemd starts it anew.
 * @throws FarolaError when the agent cannot begin, see `runAgent`; `run-as-root` for root in folders of another user
 */
export async function runCommand(options: RunOptions, signal: AbortSignal): Promise<void> {
  outliveOutput();
  const log = pinoLog('error');
  const uncaught = (error: unknown): void => {
    const code = codeOf(error);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.fail(code, { ...(error instanceof FarolaError ? error.facts : {}), reason });
    process.exit(error instanceof FarolaError ? error.exit : EXIT_SOFTWARE);
  };
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  const service = systemdServiceManager(process.env, ({ message }) => log.fail('service-manager-untold', { reason: message }));
  const vet = ({ stateDir, runDir }: AgentConfig): Promise<void> => refuseForeignRoot([stateDir, runDir], 'farola-agent');
  await runAgent({ configPath: options.config, signal, service, vet: options.allowRoot ? undefined : vet });
}
