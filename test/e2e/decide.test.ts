import test from 'ava';
import { LCU } from '#scripts/demo/set-up.js';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { runHere } from './run-here.js';
import { counts, openStage, type Stage, until } from './stage.js';

/** A command of the operator. */
function operator({ paths }: Stage, ...args: string[]): Promise<string> {
  return runProgram('collector', [...args, '--config', paths.collectorConfig]);
}

/** The same in this process. */
function look({ paths }: Stage, ...args: string[]): Promise<string> {
  return runHere('collector', [...args, '--config', paths.collectorConfig]);
}

/** Which entries are the latest values. */
async function latest(stage: Stage): Promise<string[]> {
  const lines = (await look(stage, 'readings', LCU, '--json')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as { epoch: string; n: number }).map(({ epoch, n }) => `${epoch} ${n}`);
}

async function entriesStored(stage: Stage): Promise<number> {
  const shown = JSON.parse(await look(stage, 'lcu', 'show', LCU, '--json')) as { entriesStored: number };
  return shown.entriesStored;
}

test('a person quarantines, releases and revokes an LCU, with a reason that stays', async (t) => {
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  await stage.enrol();
  let agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 2, 'two rounds');
  await until(async () => (await latest(stage)).length > 0, 'a latest value');

  t.is(
    await operator(stage, 'lcu', 'quarantine', LCU, '--reason', 'seal of the panel broken', '--by', 'ana'),
    `${LCU} is quarantined.\n`,
  );
  t.regex(await operator(stage, 'lcu', 'show', LCU), /quarantined\s+\d{4}-\S+ by ana: seal of the panel broken/);
  const more = async (): Promise<void> => {
    const stored = await entriesStored(stage);
    await until(async () => (await entriesStored(stage)) > stored + 2, 'entries stored in quarantine');
  };
  await more();
  const before = await latest(stage);
  await more();
  t.deepEqual(await latest(stage), before);

  t.regex(
    await operator(stage, 'lcu', 'release', LCU, '--reason', 'panel inspected', '--by', 'ana'),
    new RegExp(`^${LCU} is active\\.\nRestart its agent, .*: until then nothing that it measures counts\\.\n$`),
  );
  await more();
  const wrong = async (): Promise<readonly string[]> => {
    const { lcus } = JSON.parse(await look(stage, 'status', '--json')) as { lcus: { conditions: { code: string }[] }[] };
    return lcus[0]?.conditions.map(({ code }) => code) ?? [];
  };
  t.deepEqual((await wrong()).filter((code) => code === 'counts-after-restart').length, 1);
  t.regex(await look(stage, 'status', LCU), /counts-after-restart, since .*\n +restart its agent/);
  await agent.stop();
  agent = stage.startAgent();
  await until(async () => !(await wrong()).includes('counts-after-restart'), 'the restarted agent to count');
  await until(async () => (await latest(stage)).some((one) => !before.includes(one)), 'a latest value of the new epoch');

  for (const [args, hint] of [
    [['lcu', 'release', LCU, '--reason', 'x'], /only one that is quarantined can be released/],
    [['lcu', 'revoke', 'nobody', '--reason', 'x'], /no LCU nobody/],
    [['lcu', 'revoke', LCU], /--reason/],
    [['lcu', 'revoke', LCU, '--reason', ' '], /1 to 500 characters/],
    [['lcu', 'revoke', 'No Body', '--reason', 'x'], /is not a name/],
  ] as const) {
    const { exit, err } = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.true(exit !== 0 && hint.test(err) && /^error: [^\n]+(\nhint: [^\n]+)?\n$/.test(err), err);
  }

  await operator(stage, 'lcu', 'revoke', LCU, '--reason', 'stolen', '--by', 'ana');
  await until(async () => (await counts(stage)).connected === 0, 'the connection closed');
  await until(async () => (await stage.log('agent')).includes('lcu-revoked'), 'the agent to be told why');
  t.is(await collector.stop(), 0);
  const stopped = await operator(stage, 'lcu', 'list');
  t.regex(stopped, new RegExp(`${LCU}\\s+alameda-7\\s+revoked`));
  const again = await tryProgram('collector', ['lcu', 'retire', LCU, '--reason', 'x', '--config', stage.paths.collectorConfig]);
  t.regex(again.err, /is revoked; only one that is invited or pending or active or quarantined can be retired/);
  t.is(await agent.stop(), 0);
});
