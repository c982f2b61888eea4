import { ERRORS, type ErrorRow } from '@farola/shared';
import { code, GENERATED, table } from './markdown.js';

const INTRODUCTION = `# Errors

Every refusal, verdict and failed command of Farola carries one code of this table, the same on the wire, in the log, in the API and
on the terminal. A command prints \`error:\` with the message and, where there is advice, \`hint:\`, and ends with the exit code;
\`{name}\` stands for a fact of the case.

Exit codes are those of sysexits(3): 64 what was typed cannot be, a path to write to among it; 65 what was read, or came over the network, is not as
it must be; 66 what was named is not there, such as a file to be read, a configuration or an LCU; 69 something does not answer now; 70 a defect;
73 the file to write is there already; 74 a disk or an output fails; 77 this user may not; 78 the configuration, or what was set up here, is not
as it must be; 1 a finding of a command that compares or judges. As of any program that a signal ends: 130 after Ctrl-C, 143 after SIGTERM,
and 141 where whoever read the output closed it before its end, as \`head\` does: nothing is said then, of both programs and whatever
was printed, and no other code counts, since what it would speak of was not told whole.

*Retry* says whether trying the same again can help: **never**; **later**, after a wait; **now**,
at once, with a fresh question.
`;

/**
 * Reads the headings of the table from its source: each code belongs to the comment above it.
 * @param source text of shared/src/errors.ts
 */
export function groupsOf(source: string): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  let group = 'other';
  for (const line of source.slice(source.indexOf('export const ERRORS')).split('\n')) {
    const comment = /^ {2}\/\/ (.+)$/.exec(line);
    if (comment?.[1] !== undefined && !comment[1].startsWith('prettier')) group = comment[1];
    const key = /^ {2}'?([a-z0-9-]+)'?: row\(/.exec(line);
    if (key?.[1] !== undefined) groups.set(key[1], group);
  }
  return groups;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** docs/errors.md as the error table has it. A code that stands under no comment of the source is listed at the end. */
export function errorsDoc(source: string): string {
  const groups = groupsOf(source);
  const rows = new Map<string, string[][]>();
  for (const [name, row] of Object.entries<ErrorRow>(ERRORS)) {
    const group = groups.get(name) ?? 'other';
    const list = rows.get(group) ?? [];
    list.push([code(name), row.message, String(row.http), String(row.exit), row.retry, row.hint ?? '']);
    rows.set(group, list);
  }
  const sections = [...rows].map(
    ([group, list]) => `\n## ${capital(group)}\n\n${table(['code', 'message', 'HTTP', 'exit', 'retry', 'hint'], list)}`,
  );
  return GENERATED + INTRODUCTION + sections.join('');
}
