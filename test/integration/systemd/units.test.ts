import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testUnless } from '../../fakes/test-unless.js';

const SYSTEMD = fileURLToPath(new URL('../../../../systemd/', import.meta.url));
const PROGRAMS = ['agent', 'collector'] as const;

/** For what makes files of other users. */
const rootTest = testUnless(process.getuid?.() === 0 ? undefined : 'needs root');

interface Said {
  readonly code: number;
  readonly text: string;
}

function run(command: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(command, [...args], (error, out, err) => resolve({ code: Number(error?.code ?? 0), text: out + err }));
  });
}

/** A file system root with the unit, and an executable where it expects the program. */
function rootWith(t: ExecutionContext, program: string, change: (unit: string) => string = (unit) => unit): string {
  const root = temporaryFolder(t);
  const unit = readFileSync(join(SYSTEMD, `farola-${program}.service`), 'utf8');
  const folder = join(root, 'etc/systemd/system');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `farola-${program}.service`), change(unit));
  // The targets that units lean on, as the machine has them.
  const targets = join(root, 'lib/systemd/system');
  mkdirSync(targets, { recursive: true });
  for (const target of readdirSync('/lib/systemd/system').filter((name) => /\.(target|slice)$/.test(name))) {
    copyFileSync(join('/lib/systemd/system', target), join(targets, target));
  }
  const binary = join(root, `usr/lib/farola-${program}/bin/farola-${program}`);
  mkdirSync(dirname(binary), { recursive: true });
  writeFileSync(binary, '#!/bin/sh\n');
  chmodSync(binary, 0o755);
  return root;
}

const verify = (root: string, program: string): Promise<Said> =>
  run('/usr/bin/systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', `--root=${root}`, `farola-${program}.service`]);

for (const program of PROGRAMS) {
  test(`systemd finds nothing wrong with the unit of the ${program}`, async (t) => {
    t.deepEqual(await verify(rootWith(t, program), program), { code: 0, text: '' });
  });

  test(`systemd would find what is wrong with the unit of the ${program}`, async (t) => {
    const root = rootWith(t, program, (unit) => unit.replace('Restart=always', 'Restart=allways'));
    t.regex((await verify(root, program)).text, /allways/);
  });

  test(`the unit of the ${program} exposes less than 3.0`, async (t) => {
    const unit = join(SYSTEMD, `farola-${program}.service`);
    const { code, text } = await run('/usr/bin/systemd-analyze', ['security', '--offline=yes', '--threshold=29', unit]);
    t.is(code, 0, text);
    const level = Number(/exposure level for .*: (\d+\.\d)/.exec(text)?.[1]);
    t.true(level < 3, text);
  });

  test(`the unit of the ${program} never gives up, and leaves no dump of its keys`, (t) => {
    const unit = readFileSync(join(SYSTEMD, `farola-${program}.service`), 'utf8').split('\n');
    for (const line of ['Type=notify', 'Restart=always', 'StartLimitIntervalSec=0', 'LimitCORE=0', 'NoNewPrivileges=yes']) {
      t.true(unit.includes(line), line);
    }
  });

  const name = program === 'agent' ? 'farola' : 'farola-collector';

  /** Makes the user of the program in a system of its own. */
  const madeUser = async (t: ExecutionContext): Promise<{ readonly root: string; readonly user: readonly string[] }> => {
    const root = temporaryFolder(t);
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\ndialout:x:20:\n');
    const users = await run('systemd-sysusers', [`--root=${root}`, join(SYSTEMD, `sysusers.d/farola-${program}.conf`)]);
    t.is(users.code, 0, users.text);
    const [line = ''] = new RegExp(`^${name}:.*$`, 'm').exec(readFileSync(join(root, 'etc/passwd'), 'utf8')) ?? [];
    return { root, user: line.split(':') };
  };

  test(`the user of the ${program} is made as its unit wants it`, async (t) => {
    const { user } = await madeUser(t);
    const [, , , , , home, shell] = user;
    t.deepEqual([home, shell], [`/var/lib/${name}`, '/usr/sbin/nologin']);
  });

  rootTest(`folders of the ${program} are made as its unit wants them`, async (t) => {
    const { root, user } = await madeUser(t);
    const [, , uid, gid] = user;
    const folders = await run('systemd-tmpfiles', [
      `--root=${root}`,
      '--create',
      join(SYSTEMD, `tmpfiles.d/farola-${program}.conf`),
    ]);
    t.is(folders.code, 0, folders.text);
    const shown = [`/etc/${name}`, `/var/lib/${name}`, `/run/${name}`].map((path) => {
      const { uid: owner, gid: group, mode } = statSync(join(root, path));
      return `${path} ${(mode & 0o777).toString(8)} ${owner === 0 ? 'root' : owner} ${group}`;
    });
    const state = program === 'agent' ? '700' : '750';
    const etc = program === 'agent' ? '750' : '770';
    t.deepEqual(shown, [
      `/etc/${name} ${etc} root ${gid}`,
      `/var/lib/${name} ${state} ${uid} ${gid}`,
      `/run/${name} 750 ${uid} ${gid}`,
    ]);
  });
}

test('the agent may open serial ports and no other device', (t) => {
  const unit = readFileSync(join(SYSTEMD, 'farola-agent.service'), 'utf8').split('\n');
  t.true(unit.includes('DevicePolicy=closed'));
  t.deepEqual(
    unit.filter((line) => line.startsWith('DeviceAllow=')),
    ['ttyS', 'ttyAMA', 'ttyUSB', 'ttyACM'].map((driver) => `DeviceAllow=char-${driver} rw`),
  );
  t.true(unit.includes('RequiresMountsFor=/var/lib/farola'));
});
