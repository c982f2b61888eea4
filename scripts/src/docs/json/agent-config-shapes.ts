import { agentConfigSchema } from '@farola/agent/config.js';
import { z } from 'zod';
import { count, judgedConfig, path, text, time } from './kinds.js';

/** `config check` of the agent. */
export const agentConfigCheck = z.strictObject({
  ...judgedConfig,
  lineCount: count.nullable().describe('lines; null of one that is not good'),
  analyserCount: count.nullable().describe('analysers'),
  sampleSeconds: count.nullable().describe('from sample to sample, of what no scan group names'),
  analysers: z
    .array(
      z.strictObject({
        analyserId: text.describe('id of the analyser'),
        groups: z
          .array(
            z.strictObject({
              sampleSeconds: count.describe('from sample to sample'),
              quantities: z.array(text).describe('names of what is read'),
            }),
          )
          .describe('its scan groups; one where none are configured'),
      }),
    )
    .nullable()
    .describe('every analyser, in the order of the configuration; null of one that is not good'),
});

const pushed = {
  sequence: count.describe('number of the command that brought it'),
  receivedAt: time.describe('when it came, by the clock of the LCU'),
  by: text.describe('who sent it'),
  reason: text.describe('why'),
  text: text.describe('its fields, YAML'),
};

/** `config show` of the agent. */
export const agentConfigShow = z.strictObject({
  configPath: path.describe('the configuration file'),
  config: agentConfigSchema
    .meta({ kind: 'section', href: 'config.md', whole: true })
    .describe('what counts: the file, with what the collector set'),
  acceptedSequence: count.describe('highest number of a command that was accepted; 0 for none'),
  trial: z
    .strictObject({ ...pushed, starts: count.describe('starts of the agent with it') })
    .nullable()
    .describe('what the collector set and is on trial'),
  kept: z.strictObject(pushed).nullable().describe('what the collector set and proved itself'),
});

/** `config reset`. */
export const agentConfigReset = z.strictObject({
  configPath: path.describe('the file, which alone counts from the next start on'),
  stateDir: path.describe('where what the collector set is forgotten'),
});
