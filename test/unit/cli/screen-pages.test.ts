import { screenful } from '@farola/agent/cli/screen-pages.js';
import test from 'ava';

const block = (title: string, count: number) => ({
  title,
  lines: Array.from({ length: count }, (_, index) => `${title} ${index}`),
});
const FEWER = '--quantity shows fewer';

test('what fits a screen is shown whole, and leaves a line for the cursor', (t) => {
  const shown = screenful('now', [block('mains', 5)], { columns: 80, rows: 8 }, 3, FEWER);
  t.deepEqual(shown, ['now', 'mains', 'mains 0', 'mains 1', 'mains 2', 'mains 3', 'mains 4']);
});

test('what does not fit is shown in parts, each with its title and which it is, and nothing is left out', (t) => {
  const blocks = [block('mains', 46), block('circuits', 10)];
  const seen = new Set<string>();
  const parts = Array.from({ length: 4 }, (_, turn) => screenful('now', blocks, { columns: 80, rows: 24 }, turn, FEWER));
  for (const [turn, part] of parts.entries()) {
    t.true(part.length <= 23, `part ${turn} has ${part.length} lines`);
    t.is(part[0], 'now');
    t.regex(part[1] ?? '', /^(mains|circuits)$/);
    t.is(part.at(-1), `part ${(turn % 3) + 1} of 3, in turn; ${FEWER}`);
    part.forEach((line) => seen.add(line));
  }
  t.deepEqual(parts[3], parts[0]);
  for (const { title, lines } of blocks) for (const line of [title, ...lines]) t.true(seen.has(line), line);
});

test('a line that is longer than the screen is wide does not take two', (t) => {
  t.deepEqual(screenful('now', [{ title: 'x'.repeat(100), lines: [] }], { columns: 40, rows: 24 }, 0, FEWER), [
    'now',
    'x'.repeat(40),
  ]);
});

test('a screen that is too small for anything shows a title and a line of it', (t) => {
  t.deepEqual(screenful('now', [block('mains', 3)], { columns: 80, rows: 1 }, 1, FEWER), [
    'now',
    'mains',
    'mains 1',
    `part 2 of 3, in turn; ${FEWER}`,
  ]);
});
