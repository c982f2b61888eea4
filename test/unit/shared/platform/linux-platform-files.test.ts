import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf, linuxPlatformFiles, mappedFiles, measureFiles } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { runPowerlessNode } from '../../../fakes/powerless-node.js';
import { temporaryFolder } from '../../../fakes/temporary-folder.js';

const UNIT = 'farola-agent.service';

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Those that are there, as `measureFiles` finds them, from the root. */
function found(root: string, mapped: readonly string[] = [], natives: readonly string[] = []): string[] {
  const { files } = measureFiles(linuxPlatformFiles({ mapped, unit: UNIT }, natives, root));
  return files.map(({ path }) => path.replace(`${root}/`, ''));
}

test('the program and what is mapped to be executed is of the platform', (t) => {
  const root = temporaryFolder(t);
  const maps = [
    '55d0-55d1 r--p 00000000 08:01 11  /usr/bin/node',
    '55d1-55d2 r-xp 00001000 08:01 11  /usr/bin/node',
    '7f00-7f01 r-xp 00000000 08:01 12  /usr/lib/x86_64-linux-gnu/libc.so.6',
    '7f01-7f02 r-xp 00000000 08:01 13  /opt/with space/lib.so (deleted)',
    '7f02-7f03 r--p 00000000 08:01 14  /usr/share/zoneinfo/UTC',
    '7ffd-7ffe r-xp 00000000 00:00 0   [vdso]',
    '7fff-8000 rwxp 00000000 00:00 0 ',
    '',
  ];
  write(root, { 'proc/self/maps': maps.join('\n') });
  t.deepEqual(mappedFiles('/opt/node', root), [
    '/opt/node',
    ...['/usr/bin/node', '/usr/lib/x86_64-linux-gnu/libc.so.6', '/opt/with space/lib.so'],
  ]);
  const files = linuxPlatformFiles({ mapped: ['/usr/bin/node'], unit: UNIT }, [], root);
  t.true(files.includes('/usr/bin/node'));
});

test('F64: the unit counts with its drop-ins, those of units that begin as it does, and those of all services', (t) => {
  const root = temporaryFolder(t);
  const counted = [
    'etc/systemd/system.control/farola-agent.service.d/50-MemoryMax.conf',
    'etc/systemd/system/farola-agent.service',
    'etc/systemd/system/farola-agent.service.d/10-a.conf',
    'run/systemd/system/farola-.service.d/all-of-ours.conf',
    'run/systemd/transient/farola-agent.service.d/x.conf',
    'usr/lib/systemd/system/service.d/all.conf',
  ];
  const others = [
    'etc/systemd/system/farola-agent.service.d/note.txt',
    'etc/systemd/system/farola-lamps.service',
    'etc/systemd/system/nginx.service.d/x.conf',
  ];
  write(root, Object.fromEntries([...counted, ...others].map((path) => [path, ''])));
  t.deepEqual(found(root), counted);
});

test('what the launcher runs, the tools of the TPM and their libraries are of the platform', (t) => {
  const root = temporaryFolder(t);
  const counted = [
    ...['bin/sh', 'usr/bin/dirname', 'usr/bin/readlink', 'usr/bin/systemd-notify', 'usr/bin/tpm2', 'usr/bin/tpm2_quote'],
    ...['usr/lib/aarch64-linux-gnu/libtss2-esys.so.0', 'usr/lib/libtss2-tcti-device.so.0'],
  ];
  write(root, Object.fromEntries([...counted, 'usr/bin/tpm2-other', 'usr/lib/libother.so.0'].map((path) => [path, path])));
  t.deepEqual(found(root), counted);
});

test('what configures the loader, and brings code into a program that runs, is of the platform', (t) => {
  const root = temporaryFolder(t);
  const files = {
    'etc/ld.so.conf': '# all of them\ninclude /etc/ld.so.conf.d/*.conf\n',
    'etc/ld.so.conf.d/a.conf': 'include ../more/b?.conf\n',
    'etc/ld.so.conf.d/note.txt': '',
    'etc/ld.so.preload': '/opt/evil.so',
    'etc/more/b1.conf': 'include /etc/ld.so.conf\n/opt/lib # ours\n',
    'etc/nsswitch.conf': 'passwd: files\nhosts: files mdns4_minimal [NOTFOUND=return] dns # wins\n',
    'etc/ssl/openssl.cnf': '',
    'opt/lib/libnss_mdns4_minimal.so.2': '',
    'usr/lib/libnss_dns.so.2': '',
    'usr/lib/libnss_wins.so.2': '',
  };
  write(root, files);
  const counted = Object.keys(files).filter((path) => !/note|wins/.test(path));
  t.deepEqual(found(root), counted);
});

test('a masked drop-in counts as an empty file, one that cannot be read as an error', (t) => {
  const root = temporaryFolder(t);
  const folder = 'etc/systemd/system/farola-agent.service.d';
  write(root, { [`${folder}/a.conf`]: '' });
  symlinkSync('/dev/null', join(root, folder, 'b.conf'));
  t.deepEqual(found(root), ['/dev/null', `${folder}/a.conf`]);
  symlinkSync('.', join(root, folder, 'c.conf'));
  t.is(codeOf(t.throws(() => found(root))), 'tree-unreadable');
});

/** What a user without power over permissions finds: paths, or the error. */
async function foundPowerless(root: string): Promise<string> {
  const script = `
    import { linuxPlatformFiles, measureFiles } from '@farola/shared';
    try {
      const { files } = measureFiles(linuxPlatformFiles({ mapped: [], unit: '${UNIT}' }, [], process.argv[1]));
      console.log(files.map(({ path }) => path.replace(process.argv[1] + '/', '')).join(' '));
    } catch (error) { console.log(error.code, error.facts.path); }`;
  return (await runPowerlessNode(script, fileURLToPath(new URL('.', import.meta.url)), root)).trim();
}

function close(t: ExecutionContext, path: string): void {
  chmodSync(path, 0);
  t.teardown(() => chmodSync(path, 0o755));
}

test('a folder of drop-ins that cannot be read is an error, not an empty one', async (t) => {
  const root = temporaryFolder(t);
  const folder = join(root, 'etc/systemd/system/farola-agent.service.d');
  write(root, { 'etc/systemd/system/farola-agent.service.d/a.conf': '' });
  t.is(await foundPowerless(root), 'etc/systemd/system/farola-agent.service.d/a.conf');
  close(t, folder);
  t.is(await foundPowerless(root), `tree-unreadable ${folder}`);
});

test('a folder of libraries that cannot be read holds nothing that is loaded', async (t) => {
  const root = temporaryFolder(t);
  write(root, {
    'etc/ld.so.conf': '/opt/private\n/opt/secret/lib\n/opt/lib\n',
    'opt/lib/libtss2-esys.so.0': '',
    'opt/private/libtss2-mu.so.0': '',
    'opt/secret/lib/libtss2-rc.so.0': '',
  });
  close(t, join(root, 'opt/private'));
  close(t, join(root, 'opt/secret'));
  t.is(await foundPowerless(root), 'etc/ld.so.conf opt/lib/libtss2-esys.so.0');
});

test('the platform of this machine can be measured, and is the same however often', (t) => {
  const sources = { mapped: mappedFiles(process.execPath), unit: UNIT };
  const { files, root } = measureFiles(linuxPlatformFiles(sources));
  t.true(files.some(({ path }) => path === realpathSync(process.execPath)));
  t.true(files.some(({ path }) => path.includes('libc.so')));
  t.deepEqual(measureFiles(linuxPlatformFiles(sources)).root, root);
});
