import { code, GENERATED, table } from '../markdown.js';
import { JSON_COMMANDS, type JsonCommands, type LineShape } from './commands.js';
import { jsonFields } from './json-fields.js';
import { problem } from './kinds.js';

const INTRODUCTION = `# JSON

What every command prints with \`--json\`. Tests hold real output against these tables, key by key. Why it is so:
[041](decisions/041-json.md).

- **Lines.** Standard output is one JSON object a line. A command that lists prints one line for each item, as it finds them, and none
  for nothing; every other command prints one line.
- **Keys.** A key of the table is always there: what is not known, or does not apply, is \`null\`. New versions may add keys; those that are
  here keep name and meaning.
- **Times** are UTC with milliseconds, \`2026-11-22T18:00:00.000Z\`, and sort as text. A moment ends in \`At\` or is \`at\`; \`since\` and \`until\`, \`from\`
  and \`to\` are the ends of a span.
- **Units** stand in the name (\`ageSeconds\`, \`freeBytes\`, \`uptimePercent\`), or as \`unit\` beside a \`value\`. Values of quantities are decimal text, so that
  no float changes a digit.
- **Names.** \`lcuId\`, \`collectorId\`, \`analyserId\`, \`lineId\`, \`profileId\` are names that people gave; \`codeHash\`, \`platformHash\`, \`publicKey\` are bytes in
  lower-case hexadecimal. A plural that names a list is never a number: \`lcus\` are LCUs, \`lcuIds\` their names, \`lcuCount\` how many. Choices
  are the words that the tables on the terminal use.
- **Errors.** A command that fails ends with the exit code of [errors](errors.md); the last line on standard error is \`{"error": ...}\` with the keys below.
  What it had to tell before stands on standard output all the same. \`note:\` and \`warning:\` lines on standard error are for people.

A *count* is a whole number from 0, a *path* is absolute; \`lcus[].clock.quality\` is the key \`quality\` in the object \`clock\` of each item of the list \`lcus\`.

\`scripts/bench\` and \`scripts/install-tree\` have \`--json\` of their own, for developers ([qualification](qualification.md)). Logs are JSON as well, of
another kind ([operations](operations.md)).
`;

/** How wide a line of an example may be, characters. */
const WIDTH = 120;

/** What commands printed, by the first name of their entry of the table. */
export type Examples = Readonly<Record<string, readonly object[]>>;

/** docs/json.md as the table of commands has it. @param examples text of examples.json */
export function jsonDoc(examples: string): string {
  const error = `\n## Errors\n\n${fieldTable({ schema: problem }, 'error.')}`;
  return GENERATED + INTRODUCTION + error + programs(JSON.parse(examples) as Examples).join('');
}

function programs(examples: Examples): string[] {
  const sections = (program: string): string[] =>
    JSON_COMMANDS.filter(({ names }) => names[0]?.startsWith(program)).map((row) => section(row, examples));
  return ['farola-agent', 'farola-collector'].map((program) => `\n## ${program}\n${sections(program).join('')}`);
}

function section({ names, lines, what, shapes }: JsonCommands, told: Examples): string {
  const title = names
    .map((name, i) => code(i > 0 && sameProgram(name, names[0]) ? name.split(' ').slice(1).join(' ') : name))
    .join(', ');
  const says = lines === 'one' ? 'One line: ' : 'Each line is ';
  const tables = shapes.map((shape) => `${shape.when === undefined ? '' : `\n*${shape.when}*\n`}\n${fieldTable(shape)}`);
  const examples = (told[names[0] ?? ''] ?? []).map((example) => `${pretty(example)}\n`).join('');
  return `\n### ${title}\n\n${says}${what}\n${tables.join('')}\n\`\`\`json\n${examples}\`\`\`\n`;
}

function sameProgram(name: string, other = ''): boolean {
  return name.split(' ')[0] === other.split(' ')[0];
}

function fieldTable({ schema }: LineShape, before = ''): string {
  const rows = jsonFields(schema).map(({ path, type, description }) => [code(before + path), type, description]);
  return table(['key', 'type', 'what it says'], rows);
}

/** JSON for people: what fits stands in one line. */
export function pretty(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= WIDTH) return spaced(value);
  const inner = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => inner + pretty(item, inner))
    : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${pretty(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${items.join(',\n')}\n${indent}${close}`;
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
}
