import { watchMeter } from '@farola/agent/cli/meter-watch.js';
import { Interrupted } from '@farola/agent/cli/interrupted.js';
import type { Screen } from '@farola/agent/cli/screen-pages.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { FarolaError } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { ptyMeters, shippedProfile } from '../../../fakes/pty-meter.js';

/** Watches a meter of a profile until it was shown so often; gives what was printed. */
async function watched(t: ExecutionContext, options: object, heads: number, screen?: Screen, wrong?: Profile) {
  const ending = new AbortController();
  const lines: string[] = [];
  const out = (line: string): void => {
    lines.push(line);
    if (lines.filter((one) => /\bmeter \(/.test(one) || one.startsWith('{')).length === heads)
      ending.abort(new Interrupted('SIGINT'));
  };
  const port = ptyMeters(t, wrong ? { profile: wrong } : {});
  await watchMeter([], { ...LINE, port, ...options }, out, ending.signal, screen);
  return lines;
}

const LINE = { unit: '1', profile: 'eastron-sdm630', seconds: '1' };

test('readings follow each other until the signal, which is the usual end', async (t) => {
  const ending = new AbortController();
  const lines: string[] = [];
  await watchMeter(
    [],
    { ...LINE, port: ptyMeters(t, {}), json: true },
    (line) => {
      lines.push(line);
      if (lines.length === 3) ending.abort(new Interrupted('SIGINT'));
    },
    ending.signal,
  );
  t.is(lines.length, 3);
  checkJson('farola-agent', ['meter', 'watch'], lines.join('\n'));
  // The first is taken when the port is open, which takes what it takes.
  const [, first, second] = lines.map((line) => Date.parse((JSON.parse(line) as { takenAt: string }).takenAt));
  t.true((second ?? 0) - (first ?? 0) >= 900);
});

test('a table names the meter and its values, and why there are none', async (t) => {
  const ending = new AbortController();
  const lines: string[] = [];
  const out = (line: string): void => {
    lines.push(line);
    if (lines.filter((one) => one.startsWith('meter (')).length === 2) ending.abort(new Interrupted('SIGINT'));
  };
  const port = ptyMeters(t, { faults: { silentAfter: 4 } });
  await watchMeter([], { ...LINE, port, timeoutMs: '60' }, out, ending.signal, { columns: 200, rows: 60 });
  t.true(lines[0]?.startsWith('\u001b[2J\u001b[H'));
  const text = lines.join('\n');
  t.regex(text, /^meter \(eastron-sdm630, unit 1 on line-1\): complete, \d+ ms$/m);
  t.regex(text, /^voltageL1 +2\d\d\.\d0 {2}V$/m);
  t.regex(text, /: timeout, \d+ ms: .*did not answer/);
});

test('on a small terminal no more is shown than fits, and what is not is told', async (t) => {
  const lines = await watched(t, {}, 1, { columns: 60, rows: 24 });
  const whole = lines.join('\n');
  t.regex(whole, /^part 1 of 3, in turn; /m);
  t.true(whole.split('\n').length <= 23);
});

test('what is shown can be chosen, and what no analyser has is refused', async (t) => {
  const lines = await watched(t, { quantity: ['voltageL*', 'frequency'] }, 1);
  t.deepEqual(
    lines.slice(1).flatMap((line) => /^\w+/.exec(line)?.[0] ?? []),
    ['voltageL1', 'voltageL2', 'voltageL3', 'frequency', 'voltageL12', 'voltageL23', 'voltageL31'],
  );
  const error = await t.throwsAsync<FarolaError>(watched(t, { quantity: ['voltageL4'] }, 1));
  t.is(error.code, 'usage');
});

test('values that are not plausible are marked, in JSON as well', async (t) => {
  const own = shippedProfile('eastron-sdm630');
  const shown = own.rows.map((row) => (row.quantity === 'frequency' ? { ...row, scale: 0.5 } : row)) as Profile['rows'];
  const wrong = { ...own, rows: shown };
  t.regex((await watched(t, {}, 1, undefined, wrong)).join('\n'), /^frequency +\d+\.000 {2}Hz +! frequency-band$/m);
  const [line = ''] = await watched(t, { json: true, quantity: ['frequency'] }, 1, undefined, wrong);
  checkJson('farola-agent', ['meter', 'watch'], line);
  t.like(JSON.parse(line), { values: [{ quantity: 'frequency', flags: ['frequency-band'] }] });
});
