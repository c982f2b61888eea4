import test from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { openStage, until } from './stage.js';

test('an operator reads a living panel by interval, as table, CSV, JSON and chart', async (t) => {
  const stage = await openStage(t);
  const operator = (...args: string[]): Promise<string> =>
    runProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
  const lines = async (...args: string[]): Promise<string[]> => (await operator(...args)).trim().split('\n');
  const energy = ['readings', LCU, '--interval', 'hour', '--quantity', 'activeEnergyImportTotal'];
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => /alameda-7\/mains .* \d+ +Wh/.test(await operator(...energy).catch(() => '')), 'an energy');

  t.regex(
    await operator(...energy),
    /alameda-7\/mains +\S+T\d\d:00\+\d\d:00 +\S+T\d\d:00\+\d\d:00 +activeEnergyImportTotal +\d+ +Wh .* running/,
  );
  const [titles, ...rows] = await lines(...energy, '--csv');
  t.is(
    titles,
    'row,point,localFrom,localTo,quantity,energy,min,mean,max,unit,samples,expected,completenessPercent,marks,flagged',
  );
  t.true(rows.some((row) => row.startsWith('sum,alameda-7/mains,')));
  const json = (await lines('readings', '--panel', 'alameda-7', '--interval', 'day', '--json')).map(
    (line) => JSON.parse(line) as { row: string; point?: string; quantity?: string; mean?: string | null; localFrom?: string },
  );
  const voltage = json.find(({ point, quantity }) => point === 'alameda-7/mains' && quantity === 'voltageL1');
  t.regex(voltage?.mean ?? '', /^2[23]\d\.\d\d$/);
  t.regex(voltage?.localFrom ?? '', /T00:00\+0[12]:00$/, 'a day of Madrid');
  t.is(json.at(-1)?.row, 'notes');
  t.regex(
    await operator('readings', '--point', 'alameda-7/mains', '--interval', '15min', '--chart', '--quantity', 'voltageL1'),
    /[▁-█]/,
  );

  for (const chart of [[], ['--chart']]) {
    const empty = await lines('readings', LCU, '--interval', 'hour', '--from', '2020-01-01', '--to', '2020-01-02', ...chart);
    t.is(empty[0], 'no readings');
    t.regex(empty[1] ?? '', /^made up to \d{4}-\S+Z: the running collector makes them from the ledger$/);
  }

  t.regex(await operator('panel', 'set', 'alameda-7', '--time-zone', 'Atlantic/Canary'), /alameda-7 is in Atlantic\/Canary/);
  t.regex(await operator('panel', 'list'), /alameda-7 +Atlantic\/Canary +malaga-0042/);
  t.regex((await lines('readings', LCU, '--interval', 'day', '--csv'))[1] ?? '', /T00:00\+0[01]:00/);

  for (const args of [
    ['readings', '--interval', 'week'],
    ['readings', '--chart'],
    ['readings', LCU, '--panel', 'alameda-7'],
    ['readings', LCU, '--panel', 'alameda-7', '--interval', 'day'],
    ['readings', '--panel', 'nowhere', '--interval', 'day'],
    ['readings', '--point', 'alameda-7/nothing', '--interval', 'day'],
    ['readings', '--interval', 'day', '--from', '1900-01-01'],
    ['readings', '--interval', 'day', '--chart', '--csv'],
    ['panel', 'set', 'nowhere', '--time-zone', 'UTC'],
    ['panel', 'set', 'alameda-7', '--time-zone', '+02:00'],
  ]) {
    const { exit, err } = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.true(exit !== 0 && /^error: [^\n]+(\nhint: [^\n]+)?\n$/.test(err), `${args.join(' ')}: ${err}`);
  }
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  t.notRegex(await stage.log('collector'), /"level":"(warn|error|fatal)"/);
});
