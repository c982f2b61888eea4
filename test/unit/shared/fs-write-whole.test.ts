import { link, rename } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { errnoOf, writeWhole } from '@farola/shared';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { tinyDiskTest } from '../../fakes/disk-test.js';
import { tinyDisk } from '../../fakes/tiny-disk.js';

test('a file that may not replace another leaves none beside it', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'release.key');
  writeFileSync(path, 'first');
  const error = await t.throwsAsync(writeWhole(path, { content: 'second', mode: 0o600 }, (aside) => link(aside, path)));
  t.is(errnoOf(error), 'EEXIST');
  t.deepEqual(readdirSync(folder), ['release.key']);
  t.is(readFileSync(path, 'utf8'), 'first');
});

tinyDiskTest('a file that a full disk cuts off leaves none beside it', async (t) => {
  const disk = tinyDisk(t, 256);
  const path = join(disk.folder, 'backup.age');
  const content = Buffer.alloc(1_000_000);
  const error = await t.throwsAsync(writeWhole(path, { content, mode: 0o600 }, (aside) => rename(aside, path)));
  t.is(errnoOf(error), 'ENOSPC');
  t.deepEqual(readdirSync(disk.folder), []);
});

test('a file appears with its content and mode, and nothing beside it', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x');
  writeFileSync(`${path}.new`, 'left of a power cut');
  await writeWhole(path, { content: 'whole', mode: 0o600 }, (aside) => rename(aside, path));
  t.is(readFileSync(path, 'utf8'), 'whole');
  t.false(existsSync(`${path}.new`));
});
