import { RefusalLog } from '@farola/collector/log/refusal-log.js';
import test from 'ava';

test('writes the first refusals of each code whole, and the others as a number', (t) => {
  const lines: { fields: Record<string, unknown>; message: string }[] = [];
  const log = new RefusalLog({ warn: (fields, message) => void lines.push({ fields: { ...fields }, message }) });
  for (let i = 0; i < 1000; i++) log.refused({ code: 'strangers-full', facts: { limit: 256 } }, `192.0.2.1:${i}`);
  log.refused({ code: 'lcu-pending', facts: { lcu: 'malaga-0042' } }, '192.0.2.2:1');
  t.is(lines.length, 21);
  t.deepEqual(lines.at(-1)?.fields, { lcu: 'malaga-0042', code: 'lcu-pending', remote: '192.0.2.2:1' });
  log.flush();
  t.deepEqual(lines.at(-1)?.fields, { code: 'strangers-full', count: 980 });
  t.is(lines.length, 22);
  log.flush();
  log.refused({ code: 'strangers-full', facts: {} }, '192.0.2.1:1');
  t.is(lines.length, 23);
});
