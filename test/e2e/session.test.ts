import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, until } from './stage.js';

const VERIFIER = fileURLToPath(new URL('../../verifier/verify-proof.py', import.meta.url));

test('an operator follows the README from an empty server to a proof that Python accepts', async (t) => {
  const stage = await openStage(t);
  const operator = (...args: string[]): Promise<string> =>
    runProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 4, 'four rounds');

  t.regex(await operator('lcu', 'list'), /malaga-0042\s+alameda-7\s+active\s+A0\s+\d{4}-.*ok/);
  t.regex(await operator('status'), /collector malaga runs, 1 LCU connected\n1 active: .*\nmalaga-0042 +alameda-7 +active +ok /s);
  t.regex(await operator('poll', LCU), /^malaga-0042: ok, \d+ new entr(y|ies)/);
  const shown = JSON.parse(await operator('lcu', 'show', LCU, '--json')) as {
    meters: { point: string; serialNumber: string | null }[];
  };
  t.deepEqual(shown.meters.map(({ point, serialNumber }) => [point, serialNumber]).sort(), [
    ['alameda-7/circuits', null],
    ['alameda-7/mains', '0410077'],
  ]);

  t.regex(await operator('readings', LCU), /alameda-7\/mains\s.*voltageL1\s+2[23]\d\.\d\d\s+V/);
  t.regex(await operator('readings'), /alameda-7\/mains\s.*voltageL1\s+2[23]\d\.\d\d\s+V/, 'of the whole fleet');
  const json = (await operator('readings', LCU, '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { point: string; status: string });
  t.deepEqual(json.map(({ point, status }) => [point, status]).sort(), [
    ['alameda-7/circuits', 'complete'],
    ['alameda-7/mains', 'complete'],
  ]);
  const csv = await operator(
    'readings',
    '--point',
    'alameda-7/mains',
    '--from',
    '-1h',
    '--quantity',
    'activeEnergyImportTotal',
    '--csv',
  );
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  t.true(rows.length >= 3);
  const energies = rows.map((row) => Number(row[8]));
  t.deepEqual(
    energies,
    [...energies].sort((a, b) => a - b),
    'the counter only rises',
  );
  t.true(rows.every((row) => row[1] === 'alameda-7/mains' && row[7] === 'activeEnergyImportTotal' && row[9] === 'Wh'));

  for (const args of [
    ['readings', 'nobody'],
    ['readings', LCU, '--from', 'yesterday'],
    ['readings', '--quantity', 'mood'],
    ['readings', '--point', 'x'],
  ]) {
    const { exit, err } = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.true(exit !== 0 && /^error: [^\n]+(\nhint: [^\n]+)?\n$/.test(err), err);
  }

  const proof = join(stage.folder, 'proof');
  t.regex(await operator('ledger', 'export', '--proof', LCU, '--from', '-1h', '--output', proof), /\d+ answers of malaga-0042/);
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [VERIFIER, proof]);
  t.regex(stdout, /malaga-0042/);
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  const log = await stage.log('collector');
  t.notRegex(log, /"level":"(warn|error|fatal)"/);
});
