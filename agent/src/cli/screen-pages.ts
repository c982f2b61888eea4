/** How much a terminal shows. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** What belongs together: a title, and the lines below it. */
export interface Block {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The line below all, on which the cursor stands. */
const CURSOR_ROWS = 1;
/** A title and one line of it are shown whatever the screen is like. */
const LEAST_ROOM = 2;

/**
 * What a screen shows of blocks: all when they fit, else a part of them, with a last line that says which; no line is longer than the screen
 * is wide, since it would take two.
 * @param head a short line above them
 * @param turn which part: they follow each other, and the first comes after the last
 * @param fewer what shows less, for that last line
 */
export function screenful(head: string, blocks: readonly Block[], screen: Screen, turn: number, fewer: string): string[] {
  const whole = blocks.flatMap(({ title, lines }) => [title, ...lines]);
  const fit = (lines: readonly string[]): string[] => lines.map((line) => line.slice(0, screen.columns));
  if (whole.length + 1 + CURSOR_ROWS <= screen.rows) return [head, ...fit(whole)];
  const parts = partsOf(blocks, Math.max(LEAST_ROOM, screen.rows - 2 - CURSOR_ROWS));
  const at = turn % parts.length;
  return [head, ...fit([...(parts[at] ?? []), `part ${at + 1} of ${parts.length}, in turn; ${fewer}`])];
}

/** Parts of no more than `room` lines; each begins with the title of what it shows. */
function partsOf(blocks: readonly Block[], room: number): string[][] {
  const parts: string[][] = [];
  let part: string[] = [];
  const next = (): void => {
    if (part.length > 0) parts.push(part);
    part = [];
  };
  for (const { title, lines } of blocks) {
    if (part.length + Math.min(LEAST_ROOM, 1 + lines.length) > room) next();
    part.push(title);
    for (const line of lines) {
      if (part.length >= room) {
        next();
        part.push(title);
      }
      part.push(line);
    }
  }
  next();
  return parts;
}
