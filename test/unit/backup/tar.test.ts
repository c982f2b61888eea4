import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivedFile, readTar, writeTar } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { runs } from '../shared/runs.js';

const FILES: readonly ArchivedFile[] = [
  { name: 'collector.yaml', mode: 0o644, content: Buffer.from('collectorId: malaga\n') },
  { name: 'keys/poll.key', mode: 0o600, content: new Uint8Array(512).fill(7) },
  { name: 'empty', mode: 0o600, content: new Uint8Array(0) },
];

test('what is written is read back, whatever its length', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 1200 }), { maxLength: 5 }), (contents) => {
      const files = contents.map((content, i) => ({ name: `keys/file-${i}.key`, mode: 0o600, content }));
      const read = readTar(writeTar(files, 1_800_000_000_000), 'x');
      t.deepEqual(read.ok && read.value.map(({ content, ...rest }) => ({ ...rest, content: Uint8Array.from(content) })), files);
    }),
    runs(100),
  );
});

test('the program tar reads what we write, and we read what it writes', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'ours.tar'), writeTar(FILES, 1_800_000_000_000));
  const { status, stderr } = spawnSync('tar', ['-xf', 'ours.tar'], { cwd: folder, encoding: 'utf8' });
  t.is(status, 0, stderr);
  for (const { name, mode, content } of FILES) {
    t.deepEqual(new Uint8Array(readFileSync(join(folder, name))), Uint8Array.from(content), name);
    t.is(statSync(join(folder, name)).mode & 0o777, mode, name);
  }
  mkdirSync(join(folder, 'more'));
  const names = FILES.map(({ name }) => name);
  t.is(spawnSync('tar', ['--format=ustar', '-cf', 'theirs.tar', ...names], { cwd: folder }).status, 0);
  const read = readTar(readFileSync(join(folder, 'theirs.tar')), 'theirs.tar');
  t.deepEqual(read.ok && read.value.map(({ name }) => name), names);
});

test('an archive that is cut, altered, or holds a link is refused', (t) => {
  const good = writeTar(FILES, 0);
  const code = (bytes: Uint8Array): string => {
    const read = readTar(bytes, 'x');
    return read.ok ? 'ok' : read.code;
  };
  t.is(code(good), 'ok');
  for (const length of [0, 100, 512, 700, 1024, good.length - 1024])
    t.is(code(good.subarray(0, length)), 'backup-malformed', `${length}`);
  const altered = Uint8Array.from(good);
  altered[3]! ^= 1;
  t.is(code(altered), 'backup-malformed');
  const folder = temporaryFolder(t);
  spawnSync('ln', ['-s', '/etc/passwd', 'link'], { cwd: folder });
  spawnSync('tar', ['--format=ustar', '-cf', 'link.tar', 'link'], { cwd: folder });
  t.is(code(readFileSync(join(folder, 'link.tar'))), 'backup-malformed');
});

test('a name that does not fit is a mistake of the caller', (t) => {
  for (const name of ['a'.repeat(101), 'ñ', ''])
    t.throws(() => writeTar([{ name, mode: 0, content: new Uint8Array(0) }], 0), { instanceOf: RangeError });
});
