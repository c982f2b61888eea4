import { resolve } from 'node:path';
import { shellWord } from '@farola/shared';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import type { FolderOptions } from './folders.js';

/** Commands of this program in backquotes that a configuration can be named to. */
const WITH_CONFIG =
  /`(farola-agent (?:init|enroll|run|status|support-bundle|config \w+|meter (?:read|plan|doctor|scan|record|stats|watch))\b[^`]*)`/g;
/** Those of them that a state folder can be named to as well. */
const WITH_STATE_DIR = /^farola-agent (?:init|enroll|status|support-bundle)\b/;

/**
 * A text in which every command of this program that it names in backquotes has the configuration and the state folder of this one:
 * where they are not the usual ones, a command without them would be about another agent. One that names a configuration already stays.
 */
export function nameOptions(text: string, { config, stateDir }: FolderOptions): string {
  const isUsual = config === undefined || config === AGENT_CONFIG_PATH;
  return text.replaceAll(WITH_CONFIG, (whole, command: string) => {
    if (command.includes(' --config ')) return whole;
    const ofConfig = isUsual ? '' : ` --config ${shellWord(resolve(config))}`;
    const takesState = stateDir !== undefined && WITH_STATE_DIR.test(command);
    return `\`${command}${ofConfig}${takesState ? ` --state-dir ${shellWord(resolve(stateDir))}` : ''}\``;
  });
}

/** How an agent is started anew: the usual one by its service, another one by hand. @param hung whether it would not end when it is asked to */
export function restartAdvice(pid: number, hung: boolean, options: FolderOptions): string {
  if (options.config === undefined || options.config === AGENT_CONFIG_PATH) return 'restart it: `systemctl restart farola-agent`';
  const again = nameOptions('`farola-agent run`', options);
  return `restart it: its service, or \`kill ${hung ? '-9 ' : ''}${pid}\` and then ${again}`;
}
