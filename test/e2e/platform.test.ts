import { appendFileSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { decodeEntry, fromHex, toHex } from '@farola/shared';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { runHere } from './run-here.js';
import { openStage, type Stage, until } from './stage.js';
import { journalOf } from './stored.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

interface Shown {
  readonly lastPoll: { readonly code: string } | null;
  readonly entriesStored: number;
  readonly code: object | null;
  readonly platform: { readonly mark: string; readonly platformHash: string | null; readonly reason: string | null } | null;
}

/** A node of its own for all programs that are started, which can be changed under them. Gives its path. */
function ownNode(t: ExecutionContext, folder: string): string {
  const bin = join(folder, 'bin');
  const { PATH = '' } = process.env;
  mkdirSync(bin);
  copyFileSync(process.execPath, join(bin, 'node'));
  process.env['PATH'] = `${bin}:${PATH}`;
  t.teardown(() => (process.env['PATH'] = PATH));
  return join(bin, 'node');
}

/** An update of node: another file in its place, with the same code and one byte more. */
function update(node: string): void {
  copyFileSync(node, `${node}.new`);
  appendFileSync(`${node}.new`, '\0');
  renameSync(`${node}.new`, node);
}

function collector({ paths }: Stage, ...args: string[]): Promise<string> {
  return runProgram('collector', [...args, '--config', paths.collectorConfig]);
}

async function shown({ paths }: Stage): Promise<Shown> {
  const [line = 'null'] = (await runHere('collector', ['lcu', 'list', '--json', '--config', paths.collectorConfig])).split('\n');
  return JSON.parse(line) as Shown;
}

test('F64: what an LCU runs on is unknown, then approved; another node is told, and marked, and stops nothing', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const { agentTree: tree, agentConfig } = stage.paths;
  const node = ownNode(t, stage.folder);
  installTree({ repository: REPOSITORY, program: 'agent', target: tree });
  appendFileSync(agentConfig, 'code: { checkSeconds: 1 }\n');
  await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent(tree);
  const judge = (verdict: string, hash: string, reason: string): Promise<string> =>
    collector(stage, 'platform', verdict, hash, '--reason', reason, '--by', 'ana');
  const becomes = (mark: string): Promise<void> => until(async () => (await shown(stage)).platform?.mark === mark, mark);

  await becomes('unknown');
  const { platform, code } = await shown(stage);
  const first = platform?.platformHash ?? '';
  const hashed = await runProgram({ name: 'agent', tree }, ['hash', '--platform']);
  t.regex(hashed, new RegExp(`^platform  ${first}  \\d+ files$`, 'm'), 'whoever measures it comes to the same');
  t.regex(hashed, new RegExp(`x +\\d+ ${node}$`, 'm'));
  const status = await runProgram({ name: 'agent', tree }, ['status', '--config', agentConfig]);
  t.regex(status, new RegExp(`^platform: +${first} of \\d+ files$`, 'm'));
  t.regex(await judge('add', first.slice(0, 8), 'node of November'), new RegExp(`^platform ${first} is approved; 1 LCU`));
  t.like(await shown(stage), {
    lastPoll: { code: 'ok' },
    platform: { mark: 'approved', platformHash: first, reason: 'node of November' },
  });
  t.regex(await collector(stage, 'lcu', 'show', LCU), /^platform +approved, because: node of November$/m);

  update(node);
  await becomes('unknown');
  const changed = await shown(stage);
  t.like(changed, { lastPoll: { code: 'ok' }, code });
  t.not(changed.platform?.platformHash, first);
  const events = journalOf(stage)
    .map(({ bytes }) => decodeEntry(fromHex(bytes)))
    .flatMap((entry) => (entry.kind === 'event' ? [entry] : []));
  t.deepEqual(
    events.map(({ code }) => code),
    ['platform-measured', 'platform-changed'],
  );
  const [before, now, count, names] = events[1]!.facts;
  t.deepEqual([toHex(before as Uint8Array), toHex(now as Uint8Array)], [first, changed.platform?.platformHash ?? '']);
  t.deepEqual([count, names], [1, [`content ${node}`]]);
  t.regex(await collector(stage, 'events', LCU), /platform-changed/);
  const later = await runProgram({ name: 'agent', tree }, ['hash']);
  t.regex(later, new RegExp(`^platform  ${changed.platform?.platformHash ?? ''}  `, 'm'));

  t.regex(await judge('revoke', first, 'a hole'), /is revoked; 0 LCU/);
  await judge('revoke', changed.platform?.platformHash ?? '', 'a hole too');
  await becomes('revoked');
  const { entriesStored } = await shown(stage);
  await until(async () => (await shown(stage)).entriesStored > entriesStored + 2, 'it is stored as ever');
  t.is((await shown(stage)).lastPoll?.code, 'ok');
  const listed = await collector(stage, 'platform', 'list');
  t.regex(listed, new RegExp(`${first} +revoked +0 .* ana +a hole`));
  t.is((await collector(stage, 'platform', 'list', '--json')).trim().split('\n').length, 2);
  t.is(await agent.stop(), 0);
  t.regex(await stage.log('agent'), /"code":"platform-changed"/);
});

test('commands on platforms: each mistake is one error, and changes nothing', async (t) => {
  const stage = await openStage(t);
  const whole = 'ab'.repeat(32);
  const why = ['--reason', 'x'];
  t.regex(await collector(stage, 'platform', 'add', whole, ...why), /is approved; 0 LCU/);
  t.regex(await collector(stage, 'platform', 'add', `${whole.slice(2)}00`, ...why), /is approved/);
  const before = await collector(stage, 'platform', 'list', '--json');
  const bad: [string[], number][] = [
    [['platform', 'add'], 64],
    [['platform', 'add', whole], 64],
    [['platform', 'add', whole, '--reason', ' '], 64],
    [['platform', 'add', whole, ...why, '--by', ''], 64],
    [['platform', 'add', whole.slice(0, 8), ...why], 64],
    [['platform', 'add', whole.slice(0, 7), ...why], 64],
    [['platform', 'add', `${whole}a`, ...why], 64],
    [['platform', 'revoke', '00000000', ...why], 66],
    [['platform', 'revoke', LCU, ...why], 64],
    [['platform', 'list', 'x'], 64],
  ];
  for (const [args, exit] of bad) {
    const end = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.is(end.exit, exit, `${args.join(' ')}: ${end.err}`);
    t.regex(end.err, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
  t.is(await collector(stage, 'platform', 'list', '--json'), before);
});
