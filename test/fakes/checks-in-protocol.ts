import { readFileSync } from 'node:fs';

/**
 * The codes of the table of checks below a heading of docs/protocol.md, in its order. A code that stands in two rows is given
 * once, where it stands first.
 */
export function checksInProtocol(heading: 'hello-answer' | 'answer'): readonly string[] {
  const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const section = page.split(`\n### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';
  const table = section.split('\n| check | code |\n')[1]?.split('\n\n')[0] ?? '';
  const codes = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[2] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code]) => code ?? ''));
  return [...new Set(codes)];
}
