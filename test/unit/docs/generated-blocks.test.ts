import test from 'ava';
import { blockNames, fillBlocks } from '#scripts/docs/generated-blocks.js';

const document =
  'before\n<!-- generated: labels -->\nold\n<!-- /generated -->\nbetween\n<!-- generated: kinds -->\n<!-- /generated -->\nafter\n';

test('fills each block and leaves the rest as it is', (t) => {
  const filled = fillBlocks(
    document,
    new Map([
      ['labels', 'new $& labels\n'],
      ['kinds', 'kinds\n'],
    ]),
  );
  t.is(
    filled,
    'before\n<!-- generated: labels -->\n\nnew $& labels\n\n<!-- /generated -->\nbetween\n' +
      '<!-- generated: kinds -->\n\nkinds\n\n<!-- /generated -->\nafter\n',
  );
  t.deepEqual(blockNames(filled), ['labels', 'kinds']);
});

test('refuses a document that lacks the marker of a block', (t) => {
  t.throws(
    () =>
      fillBlocks(
        document,
        new Map([
          ['labels', ''],
          ['kinds', ''],
          ['codes', ''],
        ]),
      ),
    { instanceOf: RangeError, message: /codes/ },
  );
});

test('refuses a marker for which nothing is generated', (t) => {
  t.throws(() => fillBlocks(document, new Map([['labels', '']])), { instanceOf: RangeError, message: /kinds/ });
});
