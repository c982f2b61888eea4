import test from 'ava';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { runHere } from './run-here.js';
import { counts, openStage, type Stage, until } from './stage.js';

interface Uptime {
  readonly lcuId: string;
  readonly uptimePercent: number | null;
  readonly coveragePercent: number | null;
  readonly roundsUp: number;
  readonly roundsDown: number;
  readonly roundsUnknown: number;
  readonly spells: readonly {
    readonly code: string;
    readonly until: string | null;
    readonly roundsDown: number;
    readonly hint: string;
  }[];
}

async function uptimeOf({ paths }: Stage, ...args: string[]): Promise<Uptime> {
  const text = await runHere('collector', ['uptime', LCU, '--json', ...args, '--config', paths.collectorConfig]);
  return JSON.parse(text) as Uptime;
}

test('an LCU is up while it answers, down with a reason while it is gone, unknown while nobody asks', async (t) => {
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 5, 'five rounds');
  await agent.kill();
  await until(async () => (await counts(stage)).connected === 0);
  const goneMs = Date.now();
  await until(() => Date.now() - goneMs > 4_000);
  await until(async () => (await uptimeOf(stage)).roundsDown > 0, 'what is told has reached the outage');
  const gonePage = await runProgram('collector', ['uptime', LCU, '--config', stage.paths.collectorConfig]);
  t.regex(gonePage, /goes on .*\nlcu-not-connected: [^\n]+ look at `farola-agent status` on the LCU\n$/s);
  await collector.kill();
  const atEnd = new Date().toISOString();
  const killedMs = Date.now();
  await until(() => Date.now() - killedMs > 4_000);
  const again = await stage.startCollector();
  stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 2, 'rounds after the restart');
  await until(async () => (await uptimeOf(stage)).roundsUnknown >= 3, 'what is told has reached the pause');

  const before = await uptimeOf(stage, '--to', atEnd, '--from', '-1h');
  t.true(before.roundsUp >= 3, JSON.stringify(before));
  t.true(before.roundsDown >= 2, JSON.stringify(before));
  const gone = before.spells.at(-1);
  t.is(gone?.code, 'lcu-not-connected');
  t.regex(gone?.hint ?? '', /farola-agent status/);
  t.true(before.uptimePercent! > 0 && before.uptimePercent! < 100);
  await until(async () => (await uptimeOf(stage)).roundsUp > before.roundsUp, 'up again');
  const all = await uptimeOf(stage, '--hours', '1');
  t.true(all.coveragePercent! < 100);
  t.is(again.ended(), undefined);

  const table = await runProgram('collector', ['uptime', LCU, '--config', stage.paths.collectorConfig]);
  t.regex(table, /^LCU +up +rounds up +down +unknown +coverage +last down\nmalaga-0042 +\d+\.\d{3} %/);
  t.regex(table, /\nIt is over; what the codes mean says docs\/operations\.md\.\n$/);
  const csv = await runProgram('collector', ['uptime', '--days', '1', '--csv', '--config', stage.paths.collectorConfig]);
  t.regex(csv, /^lcuId,from,to,[^\n]+\nmalaga-0042,\d{4}-[^\n]+,lcu-not-connected,\d{4}-[^,\n]+,lcu-not-connected \d+\n$/);
});

test('what cannot be asked of uptime is said in one line', async (t) => {
  const stage = await openStage(t);
  for (const args of [
    ['nobody'],
    ['--hours', '0'],
    ['--days', 'many'],
    ['--hours', '1', '--days', '1'],
    ['--from', '-1h', '--days', '1'],
    ['--from', 'yesterday'],
    ['--from', '-1h', '--to', '-2h'],
  ]) {
    const { exit, err } = await tryProgram('collector', ['uptime', ...args, '--config', stage.paths.collectorConfig]);
    t.true(exit !== 0 && /^error: [^\n]+\n(hint: [^\n]+\n)?$/.test(err), `${args.join(' ')}: ${err}`);
  }
  const none = await runProgram('collector', ['uptime', '--config', stage.paths.collectorConfig]);
  t.is(none, 'no LCU was in service\n');
});

interface Shown {
  readonly point: string;
  readonly n: number;
  readonly takenAt: string;
  readonly ageSeconds: number;
  readonly stale: boolean;
}

test('MSR.002: a read returns the last committed value and says how old it is', async (t) => {
  const stage = await openStage(t);
  const read = async (...args: string[]): Promise<Shown[]> => {
    const text = await runHere('collector', ['readings', LCU, ...args, '--json', '--config', stage.paths.collectorConfig]);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Shown);
  };
  const points = ['alameda-7/mains', 'alameda-7/circuits'];
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 3, 'three rounds');
  await until(async () => {
    const stored = (await read('--from', '-1h')).map(({ point }) => point);
    return points.every((point) => stored.includes(point));
  }, 'each analyser was read and stored');
  await agent.stop();
  // The last answer is committed, and derived state is written each second.
  await until(async () => (await counts(stage)).connected === 0);
  t.is(await collector.stop(), 0);
  await until(async () => (await read()).every(({ stale }) => stale), 'nobody has polled for two rounds');
  for (const point of points) {
    const committed = (await read('--from', '-1h')).filter((one) => one.point === point);
    const newest = committed.reduce((last, one) => (one.takenAt > last.takenAt ? one : last));
    const before = Date.now();
    const [latest, ...more] = (await read()).filter((one) => one.point === point);
    t.deepEqual(more, []);
    t.is(latest?.n, newest.n, 'the newest that the ledger holds');
    const ageMs = (latest?.ageSeconds ?? -1) * 1_000;
    const takenAtMs = Date.parse(newest.takenAt);
    t.true(ageMs >= before - takenAtMs - 2_000 && ageMs <= Date.now() - takenAtMs + 1_000, `${ageMs}`);
    t.true(latest?.stale);
  }
  const table = await runProgram('collector', ['readings', LCU, '--config', stage.paths.collectorConfig]);
  t.regex(table, /^point +taken +age +dating +trust +quantity/);
  t.regex(table, /alameda-7\/mains +\S+Z +\d+ s, stale/);
});
