import { codeOf, type ErrorCode, type ErrorRow, ERRORS, FarolaError, mayRetry } from '@farola/shared';
import test from 'ava';

const rows = Object.entries<ErrorRow>(ERRORS) as [ErrorCode, ErrorRow][];
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);

for (const [code, row] of rows) {
  test(`${code} reads well and its facts fill it`, (t) => {
    const names = [...placeholders(row.message), ...placeholders(row.hint ?? '')];
    const error = new FarolaError(code, Object.fromEntries(names.map((name) => [name, `<${name}>`])));
    for (const name of placeholders(row.message)) t.true(error.message.includes(`<${name}>`));
    t.notRegex(error.message + (error.hint ?? ''), /[{}]/);
    t.regex(code, /^[a-z]+(-[a-z]+)*$/);
    t.notRegex(row.message, /^[A-Z](?![A-Z])|\.$/, 'begins small and ends without a full stop');
    t.true(row.http >= 400 && row.http <= 599);
    t.true(row.exit === 1 || (row.exit >= 64 && row.exit <= 78));
  });
}

test('these hints need a fact that their message does not show', (t) => {
  const extra = rows.flatMap(([code, row]) =>
    placeholders(row.hint ?? '')
      .filter((name) => !placeholders(row.message).includes(name))
      .map((name) => `${code}: ${name}`),
  );
  t.deepEqual(extra.sort(), [
    'analyser-unknown: known',
    'config-on-trial: when',
    'config-unreadable: remedy',
    'display-differs: remedy',
    'key-file-missing: remedy',
    'key-file-other: remedy',
    'not-initialised: command',
    'permission-denied: remedy',
    'profile-invalid: remedy',
    'proof-empty: remedy',
    'quantity-unknown: near',
    'run-as-root: program',
    'state-file-invalid: remedy',
    'token-expired: lcu',
    'token-unknown: lcu',
    'words-differ: panel',
    'words-mistyped: remedy',
  ]);
});

test('a missing fact stays visible', (t) => {
  t.is(new FarolaError('lcu-unknown').message, 'there is no LCU {lcu}');
});

test('the code of what is not of the table is internal', (t) => {
  t.is(codeOf(new FarolaError('usage')), 'usage');
  t.is(codeOf(new Error('x')), 'internal');
  t.is(codeOf(undefined), 'internal');
});

test('only never is not retried', (t) => {
  t.true(mayRetry('answer-missing'));
  t.true(mayRetry('nonce-unknown'));
  t.false(mayRetry('chain-fork'));
});

test('a noun is counted', (t) => {
  const said = (count: number) => new FarolaError('code-differs', { count }).message;
  t.deepEqual(
    [said(0), said(1), said(2)],
    [0, 1, 2].map((n) => `there are differences in ${n} ${n === 1 ? 'file' : 'files'}`),
  );
  t.is(new FarolaError('code-differs').message, 'there are differences in {count} file(s)');
});
