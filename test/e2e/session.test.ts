import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { seededRandom } from '../fakes/seeded-random.js';
import { python } from '../verifier/run-verifier.js';
import { counts, openStage, type Stage, until } from './stage.js';

/** Bytes of an exported proof that are changed, one at a time; verifier/verify-proof.test.ts changes all of one. */
const FLIPS = 10;

/** The root key as the technician took it from the token, hexadecimal. */
async function trustedRoot({ folder }: Stage): Promise<string> {
  const enrolment = JSON.parse(await readFile(join(folder, 'agent', 'enrolment.json'), 'utf8')) as { rootKey: string };
  return enrolment.rootKey;
}

/** The verifier accepts a proof under its root key, and refuses it under another, and with any of some bytes changed. */
async function checkProof(t: ExecutionContext, proof: string, root: string): Promise<void> {
  const seed = process.env['FAROLA_SEED'] ?? String(process.pid);
  t.log(`seed ${seed}: FAROLA_SEED=${seed} repeats the changed bytes`);
  const good = await python('verify-proof.py', ['--root', root, proof]);
  t.is(good.code, 0, good.output);
  t.regex(good.output, /^LCU malaga-0042, collector malaga\n/);
  t.regex(good.output, new RegExp(`root key ${root}, as given\n`));
  const other = await python('verify-proof.py', ['--root', toHex(new Uint8Array(32).fill(9)), proof]);
  t.deepEqual(other, { code: 1, output: 'refused: the root key is another one\n' });
  const random = seededRandom(seed);
  const bytes = await readFile(proof);
  for (let i = 0; i < FLIPS; i++) {
    const at = Buffer.from(random.bytes(6)).readUIntBE(0, 6) % bytes.length;
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (i % 8));
    await writeFile(`${proof}.changed`, changed);
    const { code, output } = await python('verify-proof.py', ['--root', root, `${proof}.changed`]);
    t.is(code, 1, `byte ${at} of ${bytes.length}: ${output}`);
    t.regex(output, /^refused: [^\n]+\n$/);
  }
}

test('an operator reads the same in table, CSV and JSON, and exports a proof that Python accepts', async (t) => {
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
  await checkProof(t, proof, await trustedRoot(stage));
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  const log = await stage.log('collector');
  t.notRegex(log, /"level":"(warn|error|fatal)"/);
});
