import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { decodeEntry, fromHex, measureTree, toHex } from '@farola/shared';
import { type ProgramEnd, runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { runHere } from './run-here.js';
import { openStage, type Stage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf } from './stored.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

interface Shown {
  readonly lastPoll: { readonly code: string } | null;
  readonly code: { readonly mark: string; readonly codeHash: string | null } | null;
}

/** A stage with an installed agent that looks at its code each second, and a collector that trusts one release key. */
async function openCodeStage(t: ExecutionContext) {
  const stage = await openStage(t);
  const tree = stage.paths.agentTree;
  installTree({ repository: REPOSITORY, program: 'agent', target: tree });
  appendFileSync(stage.paths.agentConfig, 'code: { checkSeconds: 1 }\n');
  const key = join(stage.folder, 'release.key');
  const made = await runProgram('collector', ['release', 'key', key]);
  const publicKey = /public key ([0-9a-f]{64})/.exec(made)?.[1] ?? '';
  appendFileSync(stage.paths.collectorConfig, `releases: { keys: [${publicKey}] }\n`);
  return { stage, tree, key };
}

function collector({ paths }: Stage, ...args: string[]): Promise<string> {
  return runProgram('collector', [...args, '--config', paths.collectorConfig]);
}

async function shown({ paths }: Stage): Promise<Shown> {
  const [line = 'null'] = (await runHere('collector', ['lcu', 'list', '--json', '--config', paths.collectorConfig])).split('\n');
  return JSON.parse(line) as Shown;
}

function isOneError({ exit, err }: Pick<ProgramEnd, 'exit' | 'err'>, code: number): boolean {
  return exit === code && /^error: [^\n]+\n(hint: [^\n]+\n)?$/.test(err);
}

test('F59: an installed agent is unknown, then approved; a file that is changed is told; revoked code is refused', async (t) => {
  t.timeout(180_000);
  const { stage, tree, key } = await openCodeStage(t);
  await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent(tree);
  const codeHash = toHex(measureTree(tree).root);
  const becomes = (mark: string): Promise<void> => until(async () => (await shown(stage)).code?.mark === mark, mark);

  await until(async () => (await shown(stage)).lastPoll?.code === 'ok', 'a verified answer');
  t.like(await shown(stage), { code: { codeHash, mark: 'unknown' } });
  const release = join(stage.folder, 'agent.farola-release');
  await collector(stage, 'release', 'sign', tree, '--key', key, '--expires', '+365d', '--output', release);
  t.regex(await collector(stage, 'release', 'add', release), new RegExp(`@farola/agent .*${codeHash}: approved until`));
  t.like(await shown(stage), { lastPoll: { code: 'ok' }, code: { mark: 'approved', name: '@farola/agent 0.1.0' } });
  t.regex(await collector(stage, 'lcu', 'list'), /approved @farola\/agent 0\.1\.0/);
  t.regex(
    await collector(stage, 'release', 'list'),
    new RegExp(`@farola/agent\\s+0\\.1\\.0\\s+${codeHash}\\s+approved\\s+\\S+\\s+1`),
  );
  const status = await runProgram({ name: 'agent', tree }, ['status', '--config', stage.paths.agentConfig]);
  t.regex(status, new RegExp(`^code: +${codeHash} of ${tree}$`, 'm'));
  t.regex(status, /^platform: +[0-9a-f]{64} of \d+ files$/m);

  const changed = join(tree, 'dist', 'cli', 'main-cli.js');
  appendFileSync(changed, '// evil\n');
  await becomes('unknown');
  const events = journalOf(stage)
    .map(({ bytes }) => decodeEntry(fromHex(bytes)))
    .flatMap((entry) => (entry.kind === 'event' ? [entry] : []));
  t.deepEqual(
    events.map(({ code }) => code),
    ['platform-measured', 'code-changed'],
  );
  const [before, now, count, names] = events[1]!.facts;
  t.is(toHex(before as Uint8Array), codeHash);
  t.is(toHex(now as Uint8Array), (await shown(stage)).code?.codeHash ?? '');
  t.deepEqual([count, names], [1, ['content dist/cli/main-cli.js']]);

  installTree({ repository: REPOSITORY, program: 'agent', target: tree });
  await becomes('approved');
  await collector(stage, 'release', 'revoke', '0.1.0', '--reason', 'a hole', '--yes');
  await until(async () => (await shown(stage)).lastPoll?.code === 'code-revoked', 'refused');
  const stored = (await ledgerOf(stage)).size;
  const backlog = await backlogOf(stage);
  await until(() => journalOf(stage).length > stored + backlog + 3, 'new entries');
  t.is((await ledgerOf(stage)).size, stored, 'nothing of revoked code is stored');
  await until(async () => {
    const { spells } = JSON.parse(await collector(stage, 'uptime', LCU, '--json')) as {
      spells: { code: string; until: string | null }[];
    };
    return spells.some(({ code, until: over }) => code === 'code-revoked' && over === null);
  }, 'answered but refused is down, with its code');
  t.regex(await collector(stage, 'lcu', 'show', LCU), /code +revoked @farola\/agent 0\.1\.0, because: a hole/);
  t.is(await agent.stop(), 0);
  t.regex(await stage.log('agent'), /"code":"code-changed"/);
  t.regex(await stage.log('collector'), /"code":"code-revoked"/);
});

test('F64: a tree that breaks the rules, or an environment that brings code in, does not start', async (t) => {
  const { stage, tree } = await openCodeStage(t);
  const launcher = join(tree, 'bin', 'farola-agent');
  const args = ['run', '--config', stage.paths.agentConfig];
  const start = (variables: Record<string, string> = {}, program = launcher, words: string[] = []) => {
    const { status, stderr } = spawnSync(program, [...words, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...variables },
    });
    return { exit: status, err: stderr };
  };
  t.regex(start().err, /not enrolled/, 'all else is in order');

  const link = join(tree, 'dist', 'link.js');
  symlinkSync('main.js', link);
  const linked = start();
  t.true(isOneError(linked, 78), linked.err);
  t.regex(linked.err, /dist\/link\.js is a symbolic link/);
  unlinkSync(link);

  const { sharedObjects } = process.report.getReport() as { readonly sharedObjects: readonly string[] };
  const library = sharedObjects.find((path) => path.includes('/libc.so'));
  const bringers = {
    NODE_OPTIONS: '/tmp',
    NODE_PATH: '/tmp',
    LD_LIBRARY_PATH: '/tmp',
    OPENSSL_CONF: '/tmp',
    LD_PRELOAD: library,
  };
  for (const [name, value = ''] of Object.entries(bringers)) {
    const refused = start({ [name]: value });
    t.true(isOneError(refused, 78), refused.err);
    t.regex(refused.err, new RegExp(`^error: ${name} is set`));
  }
  const foreign = join(stage.folder, 'foreign');
  const ran = join(stage.folder, 'ran');
  mkdirSync(foreign);
  for (const name of ['readlink', 'dirname', 'basename', 'env', 'sh', 'test', 'cat', 'sed']) {
    writeFileSync(join(foreign, name), `#!/bin/sh\necho ${name} >> ${ran}\n`, { mode: 0o755 });
  }
  t.regex(start({ PATH: `${foreign}:${process.env['PATH']}` }).err, /not enrolled/, 'with other programs before it in PATH');
  t.false(existsSync(ran), 'none of which was run');
  const main = join(tree, 'dist', 'cli', 'main-cli.js');
  t.regex(start({ NODE_PATH: '/tmp' }, process.execPath, [main]).err, /^error: NODE_PATH is set/, 'past the launcher');
  const script = join(stage.folder, 'evil.cjs');
  writeFileSync(script, '');
  t.regex(start({}, process.execPath, ['--require', script, main]).err, /^error: node was started with --require/);
  const { err } = await tryProgram('agent', args);
  t.regex(err, /not enrolled/, 'a checkout starts, and is not measured');
});

test('commands on releases: each mistake is one error, and changes nothing', async (t) => {
  const { stage, tree, key } = await openCodeStage(t);
  const file = (name: string): string => join(stage.folder, name);
  const sign = (...args: string[]): Promise<string> => collector(stage, 'release', 'sign', ...args);
  writeFileSync(file('rubbish'), 'rubbish');
  await runProgram('collector', ['release', 'key', file('other.key')]);
  await sign(tree, '--key', key, '--expires', '+1d', '--output', file('good'));
  await sign(tree, '--key', file('other.key'), '--expires', '+1d', '--output', file('foreign'));
  await sign(file('good'), '--key', file('other.key'), '--output', file('both'));
  await sign(file('good'), '--key', key, '--sequence', '3', '--output', file('third'));
  await sign(file('good'), '--key', key, '--sequence', '2', '--output', file('second'));
  t.regex(await collector(stage, 'release', 'add', file('both')), /approved/);
  t.regex(await collector(stage, 'release', 'add', file('third')), /approved/);
  const before = await collector(stage, 'release', 'list', '--json');

  const code = '0'.repeat(64);
  const bad: [string[], number][] = [
    [['release', 'add'], 64],
    [['release', 'add', file('nowhere')], 66],
    [['release', 'add', stage.folder], 66],
    [['release', 'add', file('rubbish')], 65],
    [['release', 'add', file('foreign')], 65],
    [['release', 'add', file('second')], 65],
    [['release', 'list', 'x'], 64],
    [['release', 'revoke', '0.1.0'], 64],
    [['release', 'revoke', '0.1.0', '--reason', 'x'], 64],
    [['release', 'revoke', '9.9.9', '--reason', 'x'], 66],
    [['release', 'revoke', code.slice(1), '--reason', 'x'], 66],
    [['release', 'revoke', code, '--reason', ' '], 64],
    [['release', 'key'], 64],
    [['release', 'key', file('good')], 73],
    [['release', 'key', '/nowhere/key'], 64],
    [['release', 'sign', tree, '--key', key, '--output', file('x')], 64],
    [['release', 'sign', tree, '--key', key, '--expires', 'soon', '--output', file('x')], 64],
    [['release', 'sign', tree, '--key', key, '--expires', '-1d', '--output', file('x')], 64],
    [['release', 'sign', tree, '--key', key, '--expires', '+1d', '--sequence', '0', '--output', file('x')], 64],
    [['release', 'sign', tree, '--key', key, '--expires', '+1d', '--output', file('good')], 73],
    [['release', 'sign', tree, '--key', file('rubbish'), '--expires', '+1d', '--output', file('x')], 65],
    [['release', 'sign', stage.folder, '--key', key, '--expires', '+1d', '--output', file('x')], 64],
    [['release', 'sign', file('nowhere'), '--key', key, '--output', file('x')], 66],
    [['release', 'sign', file('rubbish'), '--key', key, '--output', file('x')], 65],
    [['release', 'sign', file('good'), '--key', key, '--output', file('x')], 64],
    [['release', 'sign', file('good'), '--key', file('other.key'), '--revoked', '--output', file('x')], 64],
  ];
  for (const [args, exit] of bad) {
    const end = await tryProgram('collector', [...args, '--config', stage.paths.collectorConfig]);
    t.true(isOneError(end, exit), `${args.join(' ')}: ${end.exit ?? ''} ${end.err}`);
  }
  t.is(await collector(stage, 'release', 'list', '--json'), before);

  await sign(file('good'), '--key', key, '--sequence', '4', '--revoked', '--output', file('fourth'));
  t.regex(await collector(stage, 'release', 'add', file('fourth')), /revoked/);
  t.regex(await collector(stage, 'release', 'list'), /revoked .* by its release keys/);
});
