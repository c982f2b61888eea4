import test from 'ava';
import { nameFacts } from '@farola/collector/api/name-facts.js';

test('each fact of an event has its name', (t) => {
  t.is(nameFacts('platform-measured', ['1e61', '42']), 'platform 1e61, files 42');
  t.is(nameFacts('config-refused', ['2', 'f07c', 'config-invalid']), 'configuration 2, hash f07c, because config-invalid');
  t.is(nameFacts('stop', []), '');
});

test('a counter is told by the name of its quantity, and its values in their unit', (t) => {
  t.is(
    nameFacts('counter-reset', ['main', '20', '81250000', '3']),
    'analyser main, quantity activeEnergyImportTotal, before 81250000 Wh, now 3 Wh',
  );
  t.is(nameFacts('counter-back', ['main', '9999', '7', '-3']), 'analyser main, quantity 9999, before 7, now -3');
  t.is(
    nameFacts('counter-zero', ['main', 'x', 'y']),
    'analyser main, quantity x, before y',
    'facts of another shape are told as they are',
  );
});

test('what a device does not tell of itself is not told', (t) => {
  t.is(
    nameFacts('meter-identified', ['main', '1', 'circutor-cvm-c10', 'null', '4711', 'null']),
    'analyser main, unit 1, profile circutor-cvm-c10, model not told, serial number 4711, firmware not told',
  );
});

test('facts beyond those that are known, and of an event that is not known, are told as they are', (t) => {
  t.is(nameFacts('entries-lost', ['7', 'new']), 'entries 7, new');
  t.is(nameFacts('toString', ['1', '2']), '1, 2');
});
