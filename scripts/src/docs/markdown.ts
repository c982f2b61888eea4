/** A cell of a Markdown table: one line, with its bars escaped. */
function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/\|/g, '\\|');
}

/** A Markdown table, ending with a newline. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
  return line(headings) + line(headings.map(() => '---')) + rows.map(line).join('');
}

/** Text as code. */
export function code(text: string | number | bigint): string {
  return `\`${String(text)}\``;
}

/** What stands at the top of a file that is generated whole. */
export const GENERATED = '<!-- Made by scripts/docs: edit the source, not this file. -->\n';
