import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { FleetStatus } from '@farola/collector/status/fleet-status.js';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { openStage, until } from './stage.js';

interface Line {
  readonly code?: string;
  readonly path?: string;
  readonly hint?: string;
}

test('a collector serves when files beside its ledger are damaged, and says what is not done meanwhile', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const { collectorConfig, stateDb } = stage.paths;
  const beside = ['proof.db', 'uptime.db', 'aggregates.db'].map((name) => join(dirname(stateDb), name));
  for (const path of beside) writeFileSync(path, 'no database, and longer than the header of one '.repeat(40));
  await stage.startCollector();
  await stage.enrol();
  const told = async (): Promise<Line[]> =>
    (await stage.log('collector')).split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
  const damaged = ({ code }: Line): boolean => code === 'ledger-corrupt' || code === 'aggregates-corrupt';
  await until(async () => (await told()).filter(damaged).length >= 3, 'three files that are told');
  const lines = (await told()).filter(damaged);
  t.deepEqual(lines.map(({ path }) => path).sort(), [...beside].sort(), 'each once');
  t.regex(lines.find(({ code }) => code === 'aggregates-corrupt')?.hint ?? '', /delete/);
  stage.startAgent();
  await until(
    async () => (await runProgram('collector', ['readings', '--config', collectorConfig])).includes('activePower'),
    'readings of an LCU',
  );
  const { troubles } = JSON.parse(
    await runProgram('collector', ['status', '--json', '--config', collectorConfig]),
  ) as FleetStatus;
  t.deepEqual(
    troubles.map(({ code }) => code),
    ['ledger-corrupt', 'ledger-corrupt'],
    'uptime and proof',
  );
  const asked = await tryProgram('collector', ['readings', '--interval', 'hour', '--config', collectorConfig]);
  t.regex(asked.err, /aggregates\.db does not agree with itself[\s\S]*hint: it is made from the ledger/);
  t.deepEqual((await told()).filter(damaged).length, 3, 'not again and again');
});
