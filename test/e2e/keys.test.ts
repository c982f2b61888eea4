import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { runProgram } from '#scripts/demo/programs.js';
import { openFleetStage, type FleetStage, type StagedLcu } from './fleet-stage.js';
import { until } from './stage.js';

interface Listed {
  readonly keys: readonly { keyName: string; state: string; fingerprint: string }[];
  readonly statement: { sequence: number; takenLcuIds: string[]; missingLcuIds: string[]; aheadLcuIds: string[] };
  readonly rotation: { keyNames: string[] } | null;
}

async function listed(stage: FleetStage): Promise<Listed> {
  return JSON.parse(await stage.look('keys', 'list', '--json')) as Listed;
}

/** Fingerprints of the keys in use, by what they are. */
async function inUse(stage: FleetStage): Promise<Record<string, string>> {
  const { keys } = await listed(stage);
  return Object.fromEntries(
    keys.filter(({ state }) => state === 'current').map(({ keyName, fingerprint }) => [keyName, fingerprint]),
  );
}

const rootOf = ({ folder }: FleetStage): string => join(folder, 'collector', 'keys', 'root.key');

test('poll, command and TLS keys are rotated under polls, and an LCU that was away over two rotations comes back', async (t) => {
  t.timeout(240_000);
  const stage = await openFleetStage(t, 2);
  const [first, away] = stage.lcus as [StagedLcu, StagedLcu];
  await stage.startCollector();
  for (const lcu of stage.lcus) await stage.enrol(lcu);
  first.start();
  const leaving = away.start();
  await until(async () => (await stage.connected()) === 2, 'both connect');
  await until(async () => (await listed(stage)).statement.takenLcuIds.length === 2, 'both confirm the first statement');
  const before = await inUse(stage);

  await stage.collector('keys', 'rotate', 'poll', 'command', 'tls', '--root', rootOf(stage));
  t.deepEqual((await listed(stage)).statement.sequence >= 2, true);
  await until(async () => {
    const { rotation, statement } = await listed(stage);
    return rotation === null && statement.sequence === 3 && statement.missingLcuIds.length === 0;
  }, 'all confirm, and the rotation ends by itself');
  const after = await inUse(stage);
  for (const what of ['poll', 'command', 'tls']) t.not(after[what], before[what], what);
  t.deepEqual(
    (await listed(stage)).keys.filter(({ state }) => state === 'gone').map(({ keyName, fingerprint }) => [keyName, fingerprint]),
    Object.entries(before),
  );
  t.false((await readdir(join(stage.folder, 'collector', 'keys'))).includes('poll.key'), 'the old private key is removed');
  t.is(await stage.connected(), 2, 'nobody lost its connection');
  t.true(await stage.answers(first.lcuId));

  await leaving.stop();
  for (let rotation = 0; rotation < 2; rotation++) {
    await stage.collector('keys', 'rotate', 'poll', 'tls', '--root', rootOf(stage));
    await until(async () => (await listed(stage)).statement.takenLcuIds.includes(first.lcuId), 'the one that is there confirms');
    const early = await stage.tryCollector('keys', 'rotate', '--switch');
    t.is(early.exit, 69, early.err);
    t.regex(early.err, /^error: LCUs that have not taken the new keys: 1, malaga-0002\nhint: [^\n]+\n$/);
    await stage.collector('keys', 'rotate', '--switch', '--force');
    await until(
      async () => (await listed(stage)).statement.takenLcuIds.includes(first.lcuId),
      'it confirms the end of the rotation',
    );
  }
  t.deepEqual((await listed(stage)).statement, { ...(await listed(stage)).statement, sequence: 7, missingLcuIds: [away.lcuId] });
  t.true(await stage.answers(first.lcuId));
  away.start();
  await until(() => stage.answers(away.lcuId), 'the one that was away answers a poll');
  t.deepEqual((await listed(stage)).statement.missingLcuIds, []);
  t.regex(await readFile(away.log, 'utf8'), /"sequence":7.*keys of the collector replaced/);
});

test('a stolen poll key is replaced at once, and every LCU comes back by itself', async (t) => {
  t.timeout(240_000);
  const stage = await openFleetStage(t, 2);
  await stage.startCollector();
  for (const lcu of stage.lcus) await stage.enrol(lcu);
  for (const lcu of stage.lcus) lcu.start();
  await until(async () => (await stage.connected()) === 2, 'both connect');
  const before = await inUse(stage);
  const said = await stage.collector('keys', 'rotate', 'poll', '--at-once', '--root', rootOf(stage));
  t.regex(said, /loses its connection/);
  await until(async () => (await listed(stage)).statement.missingLcuIds.length === 0, 'both take the new key');
  for (const lcu of stage.lcus) await until(() => stage.answers(lcu.lcuId), `${lcu.lcuId} answers`);
  const { keys, statement } = await listed(stage);
  t.is(statement.sequence, 2);
  t.deepEqual(
    keys.map(({ keyName, state }) => `${keyName} ${state}`),
    ['poll current', 'poll gone', 'command current', 'tls current'],
  );
  t.not((await inUse(stage))['poll'], before['poll']);
  t.regex(await runProgram('agent', ['status', '--config', stage.lcus[0]!.config]), /link: +connected/);
});
