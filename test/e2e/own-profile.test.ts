import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, until } from './stage.js';

const SHIPPED = new URL('../../../agent/profiles/eastron-sdm630.yaml', import.meta.url);

interface Printed {
  readonly point: string;
  readonly profileOrigin: string;
  readonly profileId: string;
  readonly values: readonly { readonly value: string | null }[];
}

test('an own profile takes the place of the shipped one, and every sample that it makes says so up to the collector', async (t) => {
  const stage = await openStage(t);
  const { agentConfig, collectorConfig } = stage.paths;
  const profiles = join(stage.folder, 'agent-profiles');
  const shipped = await readFile(SHIPPED, 'utf8');
  const own = shipped.replace('{ quantity: voltageL1, addr: 0x0000, type: float32, scale: 1,', (row) =>
    row.replace('scale: 1', 'scale: 0.5'),
  );
  t.not(own, shipped);
  await mkdir(profiles, { recursive: true });
  await writeFile(join(profiles, 'mine.yaml'), own);
  const refused = await tryProgram('agent', ['config', 'check', '--config', agentConfig]);
  t.is(refused.exit, 78);
  t.regex(refused.err, /mine\.yaml.*eastron-sdm630/s);
  await rename(join(profiles, 'mine.yaml'), join(profiles, 'eastron-sdm630.yaml'));

  const read = JSON.parse(await runProgram('agent', ['meter', 'read', 'circuits', '--json', '--config', agentConfig])) as Printed;
  t.is(read.profileOrigin, 'own');

  await stage.startCollector();
  await stage.enrol();
  stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  const printed = await runProgram('collector', [
    'readings',
    LCU,
    '--quantity',
    'voltageL1',
    '--json',
    '--config',
    collectorConfig,
  ]);
  const rows = printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Printed)
    .toSorted((a, b) => a.point.localeCompare(b.point));
  t.deepEqual(
    rows.map(({ point, profileId, profileOrigin }) => [point, profileId, profileOrigin]),
    [
      ['alameda-7/circuits', 'eastron-sdm630', 'own'],
      ['alameda-7/mains', 'circutor-cvm-c10', 'shipped'],
    ],
  );
  const [halved, whole] = rows.map(({ values }) => Number(values[0]?.value));
  t.true(halved! > 105 && halved! < 125, `${halved} V by the own profile`);
  t.true(whole! > 210 && whole! < 250, `${whole} V by the shipped one`);
  const shown = JSON.parse(await runProgram('collector', ['lcu', 'show', LCU, '--json', '--config', collectorConfig])) as {
    meters: readonly { point: string; profileOrigin: string }[];
  };
  t.deepEqual(shown.meters.map(({ point, profileOrigin }) => `${point} ${profileOrigin}`).toSorted(), [
    'alameda-7/circuits own',
    'alameda-7/mains shipped',
  ]);
});
