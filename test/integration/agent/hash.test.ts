import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, makeManifest, type ManifestFile, type ManifestJson, manifestToJson, measureTree, toHex } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { farolaAgent } from '../../fakes/agent-process.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** An installed tree of three files. */
function tree(folder: string, name: string, content = 'x'): string {
  const root = join(folder, name);
  mkdirSync(root, { mode: 0o755 });
  const files = { 'farola-tree.json': '{"format":1,"name":"@farola/agent","version":"0.1.0"}\n', 'a.js': content, 'b.js': 'b' };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text, { mode: 0o644 });
  return root;
}

function manifestFiles(files: ManifestJson['files']): ManifestFile[] {
  return files.map((file) => ({ ...file, sha256: fromHex(file.sha256) }));
}

async function hash(t: ExecutionContext, ...args: string[]): Promise<string> {
  const { code, out, err } = await farolaAgent(['hash', ...args]);
  t.is(code, 0, err);
  return out;
}

test('hash prints code hash and platform hash of a tree, and its leaves when asked', async (t) => {
  const root = tree(temporaryFolder(t), 'one');
  const codeHash = toHex(measureTree(root).root);
  const plain = await hash(t, root);
  t.regex(
    plain,
    new RegExp(`^code      ${codeHash}  @farola/agent 0.1.0, 3 files in ${root}\nplatform  [0-9a-f]{64}  \\d+ files\n$`),
  );
  const leaves = await hash(t, root, '--files');
  t.regex(leaves, /^ {2}[0-9a-f]{64} - +1 a\.js$/m);
  t.regex(leaves, /^ {2}[0-9a-f]{64} x +\d+ \/\S*node$/m);
});

test('hash names what differs from another tree, or from a manifest that it wrote', async (t) => {
  const folder = temporaryFolder(t);
  const [one, two] = [tree(folder, 'one'), tree(folder, 'two', 'y')];
  writeFileSync(join(two, 'c.js'), '', { mode: 0o644 });
  chmodSync(join(two, 'b.js'), 0o755);
  const manifest = join(folder, 'two.json');
  writeFileSync(manifest, await hash(t, two, '--json'));
  for (const other of [two, manifest]) {
    const { code, out, err } = await farolaAgent(['hash', one, other]);
    t.is(code, 1);
    t.is(err, 'error: there are differences in 3 files\n');
    t.deepEqual(out.trim().split('\n').slice(2), ['content  a.js', 'mode     b.js', 'added    c.js']);
  }
  t.regex(await hash(t, two, manifest), /no file differs\n$/);
  const { out } = await farolaAgent(['hash', one, two, '--json']);
  t.is((JSON.parse(out) as { changes: unknown[] }).changes.length, 3);
});

test('hash --platform prints the files of the platform, and what differs from another machine', async (t) => {
  const folder = temporaryFolder(t);
  const root = tree(folder, 'one');
  const listed = await hash(t, root, '--platform');
  t.regex(listed, /^ {2}[0-9a-f]{64} x +\d+ \/\S*node$/m);
  t.regex(listed, /libc\.so/);
  t.notRegex(listed, /a\.js/);
  const own = JSON.parse(await hash(t, root, '--json')) as { platform: ManifestJson };
  const files = own.platform.files.map((file) => (file.path.endsWith('/node') ? { ...file, sha256: '0'.repeat(64) } : file));
  const manifest = makeManifest('platform', manifestFiles(files));
  const other = join(folder, 'other.json');
  writeFileSync(other, JSON.stringify({ ...own, platform: manifestToJson(manifest) }));
  t.regex(await hash(t, root, other), /no file differs\n$/, 'of the code nothing differs');
  const { code, out, err } = await farolaAgent(['hash', root, other, '--platform']);
  t.is(code, 1);
  t.is(err, 'error: there are differences in 1 file\n');
  t.regex(out, /\ncontent  \/\S*node\n$/);
});

test('a checkout has no code hash, and says so', async (t) => {
  t.regex(await hash(t), /^code      not measured: \S+ is a checkout, not an installed tree\nplatform  [0-9a-f]{64}/);
  t.is((JSON.parse(await hash(t, '--json')) as { code: unknown }).code, null);
});

test('each mistake is one error', async (t) => {
  const folder = temporaryFolder(t);
  const root = tree(folder, 'one');
  const [rubbish, foreign] = [join(folder, 'rubbish'), join(folder, 'foreign.json')];
  writeFileSync(rubbish, 'rubbish');
  writeFileSync(foreign, '{"code":{"kind":"code"}}');
  const halves = join(folder, 'halves.json');
  const { code: half } = JSON.parse(await hash(t, root, '--json')) as { code: unknown };
  writeFileSync(halves, JSON.stringify({ code: half }));
  const writable = tree(folder, 'writable');
  chmodSync(join(writable, 'a.js'), 0o666);
  const bad: [string[], number][] = [
    [['/nonexistent'], 66],
    [[folder], 64],
    [[rubbish], 64],
    [[root, '/nonexistent'], 66],
    [[root, folder], 64],
    [[root, rubbish], 65],
    [[root, foreign], 65],
    [[root, halves, '--platform'], 65],
    [[root, root, root], 64],
    [[writable], 78],
    [['--leaves'], 64],
  ];
  for (const [args, exit] of bad) {
    const { code, err } = await farolaAgent(['hash', ...args]);
    t.is(code, exit, `${args.join(' ')}: ${err}`);
    t.regex(err, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
});
