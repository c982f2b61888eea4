import { join } from 'node:path';
import test from 'ava';
import Sqlite from 'better-sqlite3';
import { runProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, until } from './stage.js';

const HOUR_MS = 3_600_000;

test('6.4: a collector that starts with its clock put back says so, and shows no age of what it received before', async (t) => {
  const stage = await openStage(t);
  const operator = (...args: string[]): Promise<string> =>
    runProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
  const ages = async (): Promise<unknown[]> => {
    const lines = (await operator('readings', LCU, '--json')).split('\n').filter((line) => line !== '');
    return lines
      .map((line) => JSON.parse(line) as { ageSeconds: number | null; stale: boolean })
      .map(({ ageSeconds, stale }) => [ageSeconds, stale]);
  };
  let collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await ages()).length === 2, 'a value of each analyser');
  await agent.stop();
  await until(async () => (await counts(stage)).connected === 0);
  t.is(await collector.stop(), 0);

  const path = join(stage.folder, 'collector', 'state.db');
  const shift = (ms: number): void => {
    const db = new Sqlite(path);
    db.exec(`UPDATE latest SET received_at_ms = received_at_ms + ${ms}`);
    db.close();
  };
  shift(HOUR_MS);
  collector = await stage.startCollector();
  t.regex(await stage.log('collector'), /"backMs":3[56]\d{5},"values":2,.*wall clock went back/);
  t.regex(await operator('lcu', 'list'), /Z, before the clock went back/);
  t.regex(await operator('lcu', 'show', LCU), /last verified answer .*Z, before the clock went back/);
  t.is(await collector.stop(), 0);
  shift(-HOUR_MS);
  t.deepEqual(await ages(), [
    [null, true],
    [null, true],
  ]);
});
