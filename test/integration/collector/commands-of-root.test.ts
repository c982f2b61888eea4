import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { program } from '@farola/collector/cli/program.js';
import test, { type ExecutionContext } from 'ava';
import type { Command } from 'commander';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testUnless } from '../../fakes/test-unless.js';
import { wideFleet } from '../../fakes/wide-fleet.js';

const COLLECTOR = fileURLToPath(new URL('../../../../collector/bin/farola-collector', import.meta.url));
/** `nobody`: someone who is not root. */
const OTHER = 65_534;
const IS_ROOT = process.getuid?.() === 0;
const rootTest = testUnless(IS_ROOT ? undefined : 'only root can show it');

/** A collector whose state belongs to another user than root, who types its commands. */
interface House {
  readonly config: string;
  readonly stateDir: string;
  /** Of root alone: what commands read and write that their line names. */
  readonly mine: (name: string) => string;
}

interface End {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], command = COLLECTOR): Promise<End> {
  return new Promise((resolve) => {
    execFile(command, args, (error, out, err) => resolve({ exit: Number(error?.code ?? 0), out, err }));
  });
}

async function house(t: ExecutionContext): Promise<House> {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o711);
  const [etc, stateDir, runDir] = ['etc', 'state', 'run'].map((name) => join(folder, name)) as [string, string, string];
  mkdirSync(etc);
  for (const path of [stateDir, runDir]) {
    mkdirSync(path, { mode: 0o750 });
    chownSync(path, OTHER, OTHER);
  }
  mkdirSync(join(folder, 'mine'), { mode: 0o700 });
  const mine = (name: string): string => join(folder, 'mine', name);
  const config = join(etc, 'collector.yaml');
  const places = ['--config', config, '--state-dir', stateDir, '--run-dir', runDir, '--listen', '127.0.0.1:0'];
  const { exit, out, err } = await run(['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places]);
  t.is(exit, 0, err);
  t.true(out.includes(`Then \`sudo -u '#${OTHER}' farola-collector --config ${config} run\` starts it.`), out);
  renameSync(join(stateDir, 'keys', 'root.key'), mine('root.key'));
  chownSync(mine('root.key'), 0, 0);
  writeFileSync(mine('passphrase'), 'a lamp at every corner\n', { mode: 0o600 });
  writeFileSync(mine('fields.yaml'), 'sampleSeconds: 5\n', { mode: 0o600 });
  writeFileSync(mine('a.farola-release'), 'no release', { mode: 0o600 });
  return { config, stateDir, mine };
}

/** What in the state folder the user of the service does not own. */
function notOwned({ stateDir }: House): string[] {
  const paths = ['', ...readdirSync(stateDir, { recursive: true, encoding: 'utf8' })];
  return paths.filter((path) => {
    const { uid, gid } = lstatSync(join(stateDir, path));
    return uid !== OTHER || gid !== OTHER;
  });
}

const HASH = 'ab'.repeat(32);
const because = ['--reason', 'a test'];

/** Every command that reads or writes the state, in an order in which each finds what it needs. */
const COMMANDS: readonly (readonly [name: string, exit: number, args: (house: House) => readonly string[]])[] = [
  ['config check', 0, () => []],
  ['lcu list', 0, () => []],
  ['lcu add', 0, () => ['malaga-0042', '--panel', 'alameda-7']],
  ['lcu show', 0, () => ['malaga-0042']],
  ['lcu approve', 64, () => ['malaga-0042', '--words', 'abandon ability able about above absent']],
  ['lcu config push', 0, ({ mine }) => ['lcu-0000', mine('fields.yaml'), ...because]],
  ['lcu config show', 0, () => ['lcu-0000']],
  ['lcu quarantine', 0, () => ['lcu-0000', ...because]],
  ['lcu release', 0, () => ['lcu-0000', ...because]],
  ['lcu revoke', 0, () => ['lcu-0001', ...because]],
  ['lcu retire', 0, () => ['malaga-0042', ...because]],
  ['panel list', 0, () => []],
  ['panel set', 0, () => ['alameda-7', '--time-zone', 'Atlantic/Canary']],
  ['platform add', 0, () => [HASH, ...because]],
  ['platform revoke', 0, () => [HASH, ...because]],
  ['platform list', 0, () => []],
  ['release add', 78, ({ mine }) => [mine('a.farola-release')]],
  ['release revoke', 0, () => [HASH, ...because, '--yes']],
  ['release list', 0, () => []],
  ['status', 0, () => []],
  ['events', 0, () => []],
  ['uptime', 0, () => []],
  ['readings', 0, () => []],
  ['ledger rebuild', 74, () => []],
  ['ledger verify', 74, () => []],
  ['ledger export', 74, ({ mine }) => ['--proof', 'lcu-0000', '--from', '-2d', '--output', mine('proof')]],
  ['keys list', 0, () => []],
  ['keys rotate', 0, ({ mine }) => ['poll', 'tls', '--root', mine('root.key')]],
  [
    'keys backup',
    0,
    ({ mine }) => [mine('malaga.age'), '--passphrase-file', mine('passphrase'), '--with-root', mine('root.key')],
  ],
  ['support-bundle', 0, ({ mine }) => [mine('malaga.tar')]],
  ['poll', 69, () => ['lcu-0000']],
];

/** They make what is there first, know no configuration, or go on until they are stopped. */
const OTHERS = ['init', 'keys restore', 'release key', 'release sign', 'run', 'watch'];

function namesOf(command: Command, before = ''): string[] {
  return command.commands.flatMap((one) => {
    const name = `${before}${one.name()}`;
    return one.commands.length === 0 ? [name] : namesOf(one, `${name} `);
  });
}

test('root is tried with every command', (t) => {
  const tried = [...COMMANDS.map(([name]) => name), ...OTHERS];
  t.deepEqual(namesOf(program()).toSorted(), tried.toSorted());
});

rootTest(
  'what any command of root makes in the state folder belongs to the user of the service, who goes on with it',
  async (t) => {
    t.timeout(300_000);
    const at = await house(t);
    await wideFleet(at.stateDir, 3, Date.now());
    execFileSync('chown', ['-R', `${OTHER}:${OTHER}`, at.stateDir]);
    for (const [name, exit, args] of COMMANDS) {
      const end = await run([...name.split(' '), ...args(at), '--config', at.config]);
      t.is(end.exit, exit, `${name}: ${end.err}`);
      t.deepEqual(notOwned(at), [], name);
    }
    t.regex(
      (await run(['lcu', 'show', 'lcu-0001', '--config', at.config])).out,
      /\bby root: a test\n/,
      'decided by who typed it',
    );
    t.is(lstatSync(at.mine('malaga.age')).uid, 0, 'what the command line names is of who typed it');
    t.is(await startAndStop(at), 0);
    t.deepEqual(notOwned(at), []);
  },
);

rootTest('the first command of root after init leaves nothing to root either', async (t) => {
  t.timeout(300_000);
  const at = await house(t);
  const fresh = `${at.stateDir}.fresh`;
  execFileSync('cp', ['-a', at.stateDir, fresh]);
  for (const [name, , args] of COMMANDS) {
    rmSync(at.stateDir, { recursive: true });
    execFileSync('cp', ['-a', fresh, at.stateDir]);
    await run([...name.split(' '), ...args(at), '--config', at.config]);
    t.deepEqual(notOwned(at), [], name);
  }
});

rootTest('root is told what keeps it from the state of another user', async (t) => {
  const at = await house(t);
  const list = ['lcu', 'list', '--config', at.config];
  const powerless = await run(['--bounding-set=-all', '--inh-caps=-all', '--', COLLECTOR, ...list], 'setpriv');
  t.is(powerless.exit, 77, powerless.err);
  t.regex(
    powerless.err,
    /^error: no permission for \S+state\nhint: it belongs to the user 65534, whom root may not become here: [^\n]+\n$/,
  );
  chmodSync(join(at.stateDir, '..'), 0o700);
  const shut = await run(list);
  t.is(shut.exit, 77, shut.err);
  t.regex(shut.err, /^error: no permission for \S+state\nhint: it belongs to the user 65534, who may not enter it: [^\n]+\n$/);
});

rootTest('what root left in the state folder before is told with the command that gives it back', async (t) => {
  const at = await house(t);
  const stateDb = join(at.stateDir, 'state.db');
  t.like(await run(['lcu', 'list', '--config', at.config]), { exit: 0 });
  chownSync(stateDb, 0, 0);
  const { exit, err } = await run(['lcu', 'list', '--config', at.config]);
  t.is(exit, 77, err);
  const command = `chown --reference=${at.stateDir} ${stateDb}`;
  t.is(err, `error: no permission for ${stateDb}\nhint: it belongs to another user than its folder: as root \`${command}\`\n`);
  execFileSync('sh', ['-c', command]);
  t.like(await run(['lcu', 'list', '--config', at.config]), { exit: 0 });
});

/** Runs the collector as the user of the state, who may read the code under test wherever that lies. Its exit code. */
async function startAndStop({ config }: House): Promise<number | null> {
  const as = ['--reuid', String(OTHER), '--regid', String(OTHER), '--clear-groups'];
  const reading = ['--inh-caps', '-all,+dac_read_search', '--ambient-caps', '-all,+dac_read_search'];
  const child = spawn('setpriv', [...as, ...reading, '--', COLLECTOR, 'run', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  for await (const line of createInterface(child.stdout)) if (line.includes('collector runs')) child.kill('SIGTERM');
  return (await closed)[0];
}
