import test from 'ava';
import { nameFacts } from '@farola/collector/api/name-facts.js';

test('each fact of an event has its name', (t) => {
  t.is(nameFacts('platform-measured', ['1e61', '42']), 'platform 1e61, files 42');
  t.is(nameFacts('config-refused', ['2', 'f07c', 'config-invalid']), 'configuration 2, hash f07c, because config-invalid');
  t.is(nameFacts('stop', []), '');
});

test('facts beyond those that are known, and of an event that is not known, are told as they are', (t) => {
  t.is(nameFacts('entries-lost', ['7', 'new']), 'entries 7, new');
  t.is(nameFacts('toString', ['1', '2']), '1, 2');
});
