import { link, rename } from 'node:fs/promises';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ASIDE_SUFFIX, errnoOf, writeWhole } from '@farola/shared';
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
  writeFileSync(`${path}${ASIDE_SUFFIX}`, 'left of a power cut');
  await writeWhole(path, { content: 'whole', mode: 0o600 }, (aside) => rename(aside, path));
  t.is(readFileSync(path, 'utf8'), 'whole');
  t.deepEqual(readdirSync(folder), ['x']);
});

test('what somebody else keeps beside a file stays, also under a name such as others use', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'agent.yaml');
  const names = ['agent.yaml.new', 'agent.yaml~', '.agent.yaml.swp', 'agent.yaml.tmp', 'agent.yaml.bak'];
  for (const name of names) writeFileSync(join(folder, name), 'of a technician');
  await writeWhole(path, { content: 'whole', mode: 0o600 }, (aside) => rename(aside, path));
  t.deepEqual(readdirSync(folder).toSorted(), [...names, 'agent.yaml'].toSorted());
  for (const name of names) t.is(readFileSync(join(folder, name), 'utf8'), 'of a technician');
});

test('a link that somebody put where a file is written is not followed', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x');
  writeFileSync(join(folder, 'other'), 'of somebody else');
  symlinkSync('other', `${path}${ASIDE_SUFFIX}`);
  await writeWhole(path, { content: 'whole', mode: 0o600 }, (aside) => rename(aside, path));
  t.is(readFileSync(join(folder, 'other'), 'utf8'), 'of somebody else');
  t.is(readFileSync(path, 'utf8'), 'whole');
});
