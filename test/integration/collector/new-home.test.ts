import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveControl } from '@farola/collector/api/node-control-server.js';
import { runProgram } from '#scripts/demo/programs.js';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testUnless } from '../../fakes/test-unless.js';

const COLLECTOR = fileURLToPath(new URL('../../../../collector/bin/farola-collector', import.meta.url));
/** `nobody`: someone who is neither root nor the user of the test. */
const OTHER = 65_534;
const IS_ROOT = process.getuid?.() === 0;
const testOfRoot = testUnless(IS_ROOT ? undefined : 'only root can show it');

interface End {
  readonly exit: number;
  readonly err: string;
}

/** Runs the collector without the powers of root over permissions. */
function runPowerless(args: readonly string[]): Promise<End> {
  const [command = '', ...rest] = [
    ...(IS_ROOT ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : []),
    COLLECTOR,
    ...args,
  ];
  return run(command, rest);
}

function run(command: string, rest: readonly string[]): Promise<End> {
  return new Promise((resolve) => {
    execFile(command, rest, (error, _, err) => resolve({ exit: Number(error?.code ?? 0), err }));
  });
}

const never = (): never => {
  throw new Error('nobody asks');
};

interface Server {
  readonly etc: string;
  readonly config: string;
  readonly stateDir: string;
  readonly places: readonly string[];
}

/** What tmpfiles makes of a new server: a folder of the configuration and a state folder. */
function newServer(t: ExecutionContext): Server {
  const folder = temporaryFolder(t);
  const [etc, stateDir] = [join(folder, 'etc'), join(folder, 'state')];
  mkdirSync(etc);
  mkdirSync(stateDir, { mode: 0o750 });
  const config = join(etc, 'collector.yaml');
  return { etc, config, stateDir, places: ['--config', config, '--state-dir', stateDir, '--run-dir', join(folder, 'run')] };
}

const init = ({ places }: Server): string[] => ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...places];

/** A backup of another server, and how it is opened. */
async function backup(t: ExecutionContext): Promise<{ file: string; passphrase: string }> {
  const server = newServer(t);
  await runProgram('collector', init(server));
  const [file, passphrase] = [join(server.etc, 'malaga.age'), join(server.etc, 'passphrase')];
  writeFileSync(passphrase, 'a lamp at every corner\n');
  await runProgram('collector', ['keys', 'backup', file, '--passphrase-file', passphrase, '--config', server.config]);
  return { file, passphrase };
}

const restore = async (t: ExecutionContext, { places }: Server): Promise<string[]> => {
  const { file, passphrase } = await backup(t);
  return ['keys', 'restore', file, '--passphrase-file', passphrase, ...places];
};

for (const [name, commandOf] of [
  ['init', (_: ExecutionContext, server: Server) => Promise.resolve(init(server))],
  ['keys restore', restore],
] as const) {
  test(`${name} leaves no key where the configuration cannot be written, and succeeds once it can`, async (t) => {
    t.timeout(60_000);
    const server = newServer(t);
    const command = await commandOf(t, server);
    chmodSync(server.etc, 0o550);
    const { exit, err } = await runPowerless(command);
    t.is(exit, 77, err);
    t.regex(err, /^error: no permission for \S+etc\nhint: as root have `systemd-tmpfiles --create` make the folder [^\n]+\n$/);
    t.deepEqual(readdirSync(server.stateDir), []);
    chmodSync(server.etc, 0o770);
    t.like(await runPowerless(command), { exit: 0 });
    t.true(existsSync(join(server.stateDir, 'keys', 'poll.key')) && existsSync(server.config));
    t.false(existsSync(join(server.stateDir, 'restoring')));
  });

  testOfRoot(`what ${name} makes as root belongs to the user of the service`, async (t) => {
    t.timeout(60_000);
    const server = newServer(t);
    chownSync(server.stateDir, OTHER, OTHER);
    await runProgram('collector', await commandOf(t, server));
    const paths = readdirSync(server.stateDir, { recursive: true, encoding: 'utf8' });
    t.true(paths.includes('keys/poll.key') && paths.includes('ledger'), paths.join());
    for (const path of ['', ...paths]) {
      const { uid, gid, mode } = statSync(join(server.stateDir, path));
      t.deepEqual([uid, gid], [OTHER, OTHER], path);
      if (path.endsWith('.key')) t.is(mode & 0o777, 0o600, path);
    }
    const { uid, gid, mode } = statSync(server.config);
    t.deepEqual([uid, gid, mode & 0o777], [0, OTHER, 0o640]);
  });
}

test('of restores into one folder at the same time one is done, and the others say that they came late', async (t) => {
  t.timeout(120_000);
  const server = newServer(t);
  const command = await restore(t, server);
  const ends = await Promise.all(Array.from({ length: 4 }, () => run(COLLECTOR, command)));
  t.deepEqual(ends.map(({ exit }) => exit === 0).toSorted(), [false, false, false, true], ends.map(({ err }) => err).join('\n'));
  for (const { exit, err } of ends) {
    if (exit !== 0)
      t.regex(err, /^error: (another farola-collector holds|\S+ is not empty|.* is there already)[^\n]*\nhint: [^\n]+\n$/);
  }
  const listed = await run(COLLECTOR, ['lcu', 'list', '--config', server.config]);
  t.is(listed.exit, 0, listed.err);
  t.deepEqual(readdirSync(server.stateDir).toSorted(), ['keys', 'ledger', 'state.db']);
});

for (const option of ['--state-dir', '--config']) {
  test(`${option} where the kernel lets nobody make a folder is refused, and not tried for ever`, async (t) => {
    const folder = temporaryFolder(t);
    const places = { '--config': join(folder, 'collector.yaml'), '--state-dir': join(folder, 'state') };
    const there = Object.entries({ ...places, [option]: '/proc/farola/here/it.is' }).flat();
    const { exit, err } = await run(COLLECTOR, ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...there]);
    t.is(exit, IS_ROOT ? 64 : 77, err);
    t.regex(err, /^error: [^\n]*\/proc\/farola\/here/);
  });
}

test('a socket is not offered where the kernel lets nobody make a folder, and that is said', async (t) => {
  const control = { poll: never, decide: never, status: never };
  await t.throwsAsync(serveControl('/proc/farola/run', control), { code: IS_ROOT ? 'path-unusable' : 'permission-denied' });
});
