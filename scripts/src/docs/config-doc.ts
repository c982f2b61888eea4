import type { z } from 'zod';
import { configFields } from './config-fields.js';
import { code, GENERATED, table } from './markdown.js';

/** A program and the schema of its configuration file. */
export interface ConfiguredProgram {
  readonly program: string;
  readonly file: string;
  readonly schema: z.ZodType;
  /** What a table cannot say, Markdown; it stands behind the table. */
  readonly notes?: string;
}

const INTRODUCTION = `# Configuration

Each program reads one YAML file. Unknown fields are refused, and all problems of a file are reported at once, each with its path:
\`farola-agent config check\` says what is wrong without starting anything. Units stand in the names:
\`...Ms\` are milliseconds, \`...Seconds\` seconds. \`lines[].path\` is the field \`path\` of each item of the list \`lines\`.
`;

function section({ program, file, schema, notes }: ConfiguredProgram): string {
  const rows = configFields(schema).map(({ path, type, fallback, range, description }) => [
    code(path),
    type,
    fallback,
    range,
    description,
  ]);
  const fields = table(['field', 'type', 'default', 'range', 'meaning'], rows);
  return `\n## ${program}\n\n${code(file)}\n\n${fields}${notes === undefined ? '' : `\n${notes}`}`;
}

/** docs/config.md as the schemas have it. */
export function configDoc(programs: readonly ConfiguredProgram[]): string {
  return GENERATED + INTRODUCTION + programs.map(section).join('');
}
