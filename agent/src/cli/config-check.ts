import { counted, problemsOfConfig } from '@farola/shared';
import { loadAgentConfig } from '../config.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { say } from './say.js';

/** What `farola-agent config check` is asked. */
export interface ConfigCheckOptions {
  /** Path of the configuration; /etc/farola/agent.yaml when it is not told. */
  readonly config?: string | undefined;
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/**
 * Checks a configuration and says in one line what it holds; as JSON also what is wrong with one. It opens no port.
 * @throws FarolaError `config-unreadable`, or `config-invalid` with all problems
 */
export async function checkConfig(options: ConfigCheckOptions, out: (line: string) => void): Promise<void> {
  const path = options.config ?? AGENT_CONFIG_PATH;
  const { config } = await loadAgentConfig(path).catch((error: unknown) => {
    const problems = problemsOfConfig(error);
    const nothing = { lineCount: null, analyserCount: null, sampleSeconds: null };
    if (problems.length > 0) say({ out, json: options.json }, { configPath: path, good: false, problems, ...nothing });
    throw error;
  });
  const analysers = counted(config.analysers.length, 'analyser');
  const lines = counted(config.lines.length, 'line');
  const { sampleSeconds } = config;
  const counts = { lineCount: config.lines.length, analyserCount: config.analysers.length, sampleSeconds };
  say(
    { out, json: options.json },
    { configPath: path, good: true, problems: [], ...counts },
    `${path}: good: ${analysers} on ${lines}, one sample each ${sampleSeconds} s`,
  );
}
