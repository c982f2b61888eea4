import { counted } from '@farola/shared';
import test from 'ava';

test('a count has its noun in singular or plural', (t) => {
  t.deepEqual(
    [0, 1, 2, 1n].map((count) => counted(count, 'file')),
    ['0 files', '1 file', '2 files', '1 file'],
  );
  t.deepEqual([counted(1, 'entry', 'entries'), counted(3, 'entry', 'entries')], ['1 entry', '3 entries']);
});
