/**
 * A line as lines of at most so many characters, broken at blanks; a word that has no room on a line is broken where the line ends.
 * @param columns undefined: nothing is broken
 * @param indent blanks before each line but the first
 */
export function wrapWords(line: string, columns: number | undefined, indent = 0): string[] {
  if (columns === undefined || line.length <= columns) return [line];
  const blanks = ' '.repeat(Math.min(indent, Math.max(0, columns - 1)));
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const begin = lines.length === 0 ? 0 : blanks.length;
    const room = rest.slice(0, columns + 1);
    const blank = room.lastIndexOf(' ');
    const isWord = blank > begin && room.slice(begin, blank).trim() !== '';
    lines.push(rest.slice(0, isWord ? blank : columns).trimEnd());
    rest = blanks + rest.slice(isWord ? blank : columns).trimStart();
  }
  return [...lines, rest];
}
