import { counted } from '@farola/shared';

/** Of a terminal, in characters. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** ECMA-48: home, to the end of the line, to the end of the screen, and the cursor (DEC private mode 25). */
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';
/** Shows the cursor again. */
export const SHOW_CURSOR = '\u001b[?25h';
/** Hides it. */
export const HIDE_CURSOR = '\u001b[?25l';

/**
 * What draws lines over what a terminal showed: each cut to its width, as many as it has rows, and said how many are left out.
 * Nothing is cleared before it is drawn, so that it does not flicker.
 */
export function frame(lines: readonly string[], { columns, rows }: Screen): string {
  const room = Math.max(1, rows - 1);
  const cut =
    lines.length > room ? [...lines.slice(0, room - 1), `... and ${counted(lines.length - room + 1, 'line')} more`] : lines;
  const drawn = cut.map((line) => Array.from(line).slice(0, columns).join('') + CLEAR_LINE);
  return HOME + drawn.join('\n') + '\n' + CLEAR_REST;
}
