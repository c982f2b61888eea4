import test from 'ava';
import { configFields } from '#scripts/docs/config-fields.js';
import { PROGRAMS } from '#scripts/docs/documents.js';

for (const { program, schema } of PROGRAMS) {
  test(`every field of ${program} is described`, (t) => {
    const fields = configFields(schema);
    t.true(fields.length > 5);
    t.deepEqual(
      fields.filter(({ description }) => description === '').map(({ path }) => path),
      [],
    );
  });
}
