import fc from 'fast-check';
import test from 'ava';
import { wrapWords } from '@farola/shared';

test('a line is broken at blanks, and goes on behind its indent', (t) => {
  t.deepEqual(wrapWords('late (malaga-0042): see that the collector runs', 20, 2), [
    'late (malaga-0042):',
    '  see that the',
    '  collector runs',
  ]);
  t.deepEqual(wrapWords('name              value and more of it', 26, 18), [
    'name              value',
    `${' '.repeat(18)}and more`,
    `${' '.repeat(18)}of it`,
  ]);
  t.deepEqual(wrapWords('nothing is broken without a width', undefined, 2), ['nothing is broken without a width']);
});

test('no line is longer than the width, and no character is lost', (t) => {
  const text = fc.array(fc.stringMatching(/^[a-z0-9-]{1,70}$/), { maxLength: 20 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 20 }), (line, columns, indent) => {
      const lines = wrapWords(line, columns, indent);
      t.true(lines.every((one) => one.length <= columns));
      t.is(lines.join('').replaceAll(' ', ''), line.replaceAll(' ', ''));
    }),
  );
});
