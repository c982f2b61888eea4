import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));

/** One line that a reader of the README types. */
export interface TypedLine {
  /** As whom: `#` is root, `$` the user of the program. */
  readonly prompt: '#' | '$';
  /** The line without its prompt, and without what is said of it. */
  readonly line: string;
  /** What is said of it behind ` #`. */
  readonly comment: string;
}

/** The lines of the console block under a heading of the README, in their order. Throws RangeError where there is none. */
export function readmeSession(heading: string): readonly TypedLine[] {
  const [, section = ''] = readFileSync(README, 'utf8').split(`\n## ${heading}\n`);
  const [, block = ''] = /```console\n([\s\S]*?)```/.exec(section.split('\n## ')[0] ?? '') ?? [];
  const lines = [...block.matchAll(/^([#$]) (.+?)(?: +# (.*))?$/gm)].map(([, prompt, line = '', comment = '']) => {
    return { prompt: prompt as '#' | '$', line, comment };
  });
  if (lines.length === 0) throw new RangeError(`the README has no session under ${heading}`);
  return lines;
}

/** Every heading of the README under which there is a session. */
export function sessionHeadings(): readonly string[] {
  const sections = readFileSync(README, 'utf8').split('\n## ').slice(1);
  return sections.filter((section) => section.includes('```console')).map((section) => section.split('\n')[0] ?? '');
}
