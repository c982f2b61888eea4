import { resolve } from 'node:path';
import { counted, problemsOfConfig, quantityById } from '@farola/shared';
import { loadAgentConfig } from '../config.js';
import { analyserRows } from '../meter/analyser-rows.js';
import type { PlannedRow } from '../meter/analyser-rows.js';
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
 * Checks a configuration and says what it holds: in one line, and where there are scan groups what is read how often; as JSON also what
 * is wrong with one. It opens no port.
 * @throws FarolaError `config-unreadable`, or `config-invalid` with all problems
 */
export async function checkConfig(options: ConfigCheckOptions, out: (line: string) => void): Promise<void> {
  const path = options.config ?? AGENT_CONFIG_PATH;
  const configPath = resolve(path);
  const { config, profiles } = await loadAgentConfig(path).catch((error: unknown) => {
    const problems = problemsOfConfig(error);
    const nothing = { lineCount: null, analyserCount: null, sampleSeconds: null, analysers: null };
    if (problems.length > 0) say({ out, json: options.json }, { configPath, good: false, problems, ...nothing });
    throw error;
  });
  const analysers = counted(config.analysers.length, 'analyser');
  const lines = counted(config.lines.length, 'line');
  const { sampleSeconds } = config;
  const rows = analyserRows(config, profiles);
  const read = config.analysers.map(({ id }) => ({
    analyserId: id,
    groups: rows.filter(({ row }) => row.id === id).map(groupOf),
  }));
  const facts = {
    configPath,
    good: true,
    problems: [],
    lineCount: config.lines.length,
    analyserCount: config.analysers.length,
    sampleSeconds,
  };
  const good = `${path}: good: ${analysers} on ${lines}`;
  const isGrouped = config.analysers.some(({ scanGroups }) => scanGroups !== undefined);
  const text = isGrouped ? [good, ...read.flatMap(linesOf)] : [`${good}, one sample each ${sampleSeconds} s`];
  say({ out, json: options.json }, { ...facts, analysers: read }, ...text);
}

interface ReadGroup {
  readonly sampleSeconds: number;
  readonly quantities: readonly string[];
}

function groupOf({ row }: PlannedRow): ReadGroup {
  return { sampleSeconds: row.periodS, quantities: row.quantities.flatMap((id) => quantityById(id)?.name ?? []) };
}

function linesOf({ analyserId, groups }: { readonly analyserId: string; readonly groups: readonly ReadGroup[] }): string[] {
  return groups.map(({ sampleSeconds, quantities }) => `  ${analyserId}, each ${sampleSeconds} s: ${quantities.join(', ')}`);
}
