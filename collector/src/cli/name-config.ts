import { CONFIG_PATH } from '../config/fs-config.js';

/** How a command begins that needs a configuration. */
const WITH_CONFIG = /`farola-collector (?!release (?:key|sign)\b)/g;

/**
 * A text in which every command of this program that it names in backquotes has the configuration of this one: where that is not the
 * usual one, a command without it would be about another collector. What is done offline, without any, stays as it is.
 */
export function nameConfig(text: string, configPath: string): string {
  if (configPath === CONFIG_PATH) return text;
  return text.replaceAll(WITH_CONFIG, () => `\`farola-collector --config ${shellWord(configPath)} `);
}

/** A text as a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
