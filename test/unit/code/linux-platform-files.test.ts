import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linuxPlatformFiles } from '@farola/agent/code/linux-platform-files.js';
import { measureFiles } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('the platform is node, what is mapped to be executed, the unit with its drop-ins, and the tools of the TPM', (t) => {
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
  const files: Record<string, string> = {
    'proc/self/maps': maps.join('\n'),
    'etc/systemd/system/farola-agent.service.d/20-b.conf': '',
    'etc/systemd/system/farola-agent.service.d/10-a.conf': '',
    'etc/systemd/system/farola-agent.service.d/note.txt': '',
    'run/systemd/system/service.d/all.conf': '',
    'usr/lib/aarch64-linux-gnu/libtss2-esys.so.0': '',
    'usr/lib/aarch64-linux-gnu/libother.so.0': '',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const inRoot = (...paths: string[]): string[] => paths.map((path) => join(root, path));
  t.deepEqual(linuxPlatformFiles(root), [
    process.execPath,
    ...['/usr/bin/node', '/usr/lib/x86_64-linux-gnu/libc.so.6', '/opt/with space/lib.so'],
    ...inRoot('bin/sh', 'etc/ld.so.preload', 'usr/bin/systemd-notify', 'usr/bin/tpm2', 'etc/systemd/system/farola-agent.service'),
    ...inRoot('etc/systemd/system/farola-agent.service.d/10-a.conf', 'etc/systemd/system/farola-agent.service.d/20-b.conf'),
    ...inRoot('run/systemd/system/farola-agent.service', 'run/systemd/system/service.d/all.conf'),
    ...inRoot('usr/local/lib/systemd/system/farola-agent.service', 'usr/lib/systemd/system/farola-agent.service'),
    ...inRoot('usr/lib/aarch64-linux-gnu/libtss2-esys.so.0'),
  ]);
});

test('the platform of this machine can be measured', (t) => {
  const { files } = measureFiles(linuxPlatformFiles());
  t.true(files.some(({ path }) => path === process.execPath || path.endsWith('/node')));
  t.true(files.some(({ path }) => path.includes('libc.so')));
});
