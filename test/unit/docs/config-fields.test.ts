import test from 'ava';
import { z } from 'zod';
import { configFields } from '#scripts/docs/config-fields.js';

test('a field shows its path, type, default, range and description', (t) => {
  const schema = z.strictObject({
    poll: z.strictObject({ everyS: z.int().min(5).max(900).default(300).describe('Time between two rounds.') }).prefault({}),
  });
  t.deepEqual(configFields(schema), [
    { path: 'poll.everyS', type: 'integer', fallback: '`300`', range: '5 to 900', description: 'Time between two rounds.' },
  ]);
});

test('a field without default is required, an optional one has no default', (t) => {
  const schema = z.strictObject({ name: z.string().min(1).max(63), note: z.string().optional() });
  t.deepEqual(
    configFields(schema).map(({ path, fallback, range }) => [path, fallback, range]),
    [
      ['name', 'required', '1 to 63 characters'],
      ['note', '', ''],
    ],
  );
});

test('the items of a list and the values of a map are walked', (t) => {
  const schema = z.strictObject({
    analysers: z
      .array(z.strictObject({ unit: z.int().min(1).max(247) }))
      .max(8)
      .describe('What is read.'),
    lines: z.record(z.string(), z.strictObject({ baud: z.union([z.literal(9600), z.literal(19200)]).default(9600) })),
  });
  t.deepEqual(
    configFields(schema).map(({ path, type, range }) => [path, type, range]),
    [
      ['analysers', 'list of section', 'at most 8 items'],
      ['analysers[].unit', 'integer', '1 to 247'],
      ['lines', 'section', ''],
      ['lines.*.baud', 'choice', '`9600` or `19200`'],
    ],
  );
});

test('the variants of a section are told apart by their mark', (t) => {
  const schema = z.strictObject({
    lines: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('serial'), path: z.string() }),
        z.strictObject({ kind: z.literal('tcp'), host: z.string() }),
      ]),
    ),
  });
  t.deepEqual(
    configFields(schema).map(({ path }) => path),
    [
      'lines',
      'lines[] (kind: serial).kind',
      'lines[] (kind: serial).path',
      'lines[] (kind: tcp).kind',
      'lines[] (kind: tcp).host',
    ],
  );
});

test('an integer without a bound of its own shows none', (t) => {
  t.is(configFields(z.strictObject({ offset: z.int() }))[0]?.range, '');
});
