import { examineYaml, problemText, readYaml } from '@farola/shared';
import { stringify } from 'yaml';
import * as z from 'zod';
import { agentConfigSchema } from './config-schema.js';
import { hiddenLineProblems } from './hidden-line-problems.js';

/** The fields that a collector may set. None of them decides whom the agent obeys, where it keeps what, or how it is reached. */
export const REMOTE_FIELDS = ['lines', 'analysers', 'sampleSeconds', 'log'] as const;

const remoteSchema = agentConfigSchema
  .pick({ lines: true, analysers: true, sampleSeconds: true, log: true })
  .partial()
  .refine((fields) => Object.keys(fields).length > 0, 'sets nothing');

/** What a text of the collector says by itself; everything that is wrong with it at once, with paths and lines. */
export function remoteProblems(text: string): readonly string[] {
  const { problems } = examineYaml(text, remoteSchema);
  return problems.length === 0 ? [] : [...new Set([...problems, ...hiddenLineProblems(text)].map(problemText))];
}

/**
 * The text of the whole configuration: that of the file, with the fields that the collector sets in the place of its own. A
 * text that is no YAML map is given back as it is: whoever checks it says what is wrong.
 */
export function mergedText(fileText: string, remoteText: string | undefined): string {
  if (remoteText === undefined) return fileText;
  const file = mapOf(fileText);
  const remote = mapOf(remoteText);
  return file && remote ? stringify({ ...file, ...remote }) : fileText;
}

/** As it is written, without defaults: a field that a file does not set stays unset. */
function mapOf(text: string): object | undefined {
  const outcome = readYaml(text, z.looseObject({}));
  return outcome.ok ? outcome.value : undefined;
}
