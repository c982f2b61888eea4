import { createHash } from 'node:crypto';
import { judgeFileName } from '@farola/shared/manifest/file-name.js';
import { comparePaths } from '@farola/shared/manifest/manifest.js';
import { manifestLeaf } from '@farola/shared/manifest/manifest-leaf.js';
import {
  codeOf,
  diffManifests,
  makeManifest,
  manifestFromJson,
  type ManifestFile,
  manifestToJson,
  sha256,
  toHex,
} from '@farola/shared';
import fc from 'fast-check';
import test from 'ava';
import { runs } from '../runs.js';

function file(path: string, change: Partial<ManifestFile> = {}): ManifestFile {
  return { path, executable: false, size: 3, sha256: sha256(Buffer.from(path)), ...change };
}

const arbitraryFile = fc.record<ManifestFile>({
  path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  executable: fc.boolean(),
  size: fc.maxSafeNat(),
  sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});
const arbitraryFiles = fc.uniqueArray(arbitraryFile, { selector: ({ path }) => path, maxLength: 20 });

test('a leaf is laid out as docs/protocol.md says', (t) => {
  const hash = createHash('sha256')
    .update(Uint8Array.of(0))
    .update('farola/code/1')
    .update(Uint8Array.of(0, 8))
    .update('bin/añb')
    .update(Uint8Array.of(1))
    .update(Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 5))
    .update(new Uint8Array(32).fill(7));
  const leaf = manifestLeaf('code', { path: 'bin/añb', executable: true, size: 2 ** 33 + 5, sha256: new Uint8Array(32).fill(7) });
  t.is(toHex(leaf), hash.digest('hex'));
});

test('the root does not depend on the order in which files were found', (t) => {
  fc.assert(
    fc.property(arbitraryFiles, (files) => {
      t.deepEqual(makeManifest('code', files), makeManifest('code', files.toReversed()));
    }),
    runs(100),
  );
});

test('files stand in the order of the bytes of their paths', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      t.is(Math.sign(comparePaths(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    runs(500),
  );
  const paths = makeManifest(
    'code',
    ['a/b', 'a-b/c', '\u{1f4a1}', '\uff41', 'z', 'B'].map((path) => file(path)),
  ).files;
  t.deepEqual(
    paths.map(({ path }) => path),
    ['B', 'a-b/c', 'a/b', 'z', '\uff41', '\u{1f4a1}'],
  );
});

test('any change of any file changes the root, and the difference names it', (t) => {
  const change = fc.constantFrom<(one: ManifestFile) => ManifestFile>(
    (one) => ({ ...one, executable: !one.executable }),
    (one) => ({ ...one, size: one.size === 0 ? 1 : one.size - 1 }),
    (one) => ({ ...one, sha256: sha256(one.sha256) }),
    (one) => ({ ...one, path: `${one.path}/x` }),
  );
  fc.assert(
    fc.property(arbitraryFiles, fc.nat(), change, (files, index, alter) => {
      fc.pre(files.length > 0);
      const at = index % files.length;
      const [before, changed] = [files[at]!, alter(files[at]!)];
      fc.pre(files.every(({ path }, i) => i === at || path !== changed.path));
      const [old, now] = [makeManifest('code', files), makeManifest('code', files.with(at, changed))];
      t.not(toHex(old.root), toHex(now.root));
      const named = diffManifests(old, now).map(({ path, change: how }) => `${how} ${path}`);
      if (before.path !== changed.path) t.deepEqual(named.toSorted(), [`added ${changed.path}`, `removed ${before.path}`]);
      else t.deepEqual(named, [`${before.executable === changed.executable ? 'content' : 'mode'} ${before.path}`]);
    }),
    runs(200),
  );
});

test('the difference of two manifests leads from the one to the other', (t) => {
  fc.assert(
    fc.property(arbitraryFiles, arbitraryFiles, (some, others) => {
      const [before, after] = [makeManifest('code', some), makeManifest('code', others)];
      const changes = new Map(diffManifests(before, after).map(({ path, change }) => [path, change]));
      for (const { path } of before.files) {
        const there = after.files.some((one) => one.path === path);
        t.is(changes.get(path) === 'removed', !there);
      }
      for (const { path } of after.files) {
        t.is(
          changes.get(path) === 'added',
          before.files.every((one) => one.path !== path),
        );
      }
      t.deepEqual(diffManifests(after, after), []);
    }),
    runs(100),
  );
});

test('a file of the platform cannot stand for one of the code', (t) => {
  t.not(toHex(makeManifest('code', [file('a')]).root), toHex(makeManifest('platform', [file('a')]).root));
});

test('a path that stands twice, or is too long for a leaf, is a mistake', (t) => {
  t.throws(() => makeManifest('code', [file('a'), file('a')]), { instanceOf: RangeError });
  t.throws(() => makeManifest('code', [file('a'.repeat(65_536))]), { instanceOf: RangeError });
});

test('a manifest comes back from its JSON', (t) => {
  fc.assert(
    fc.property(arbitraryFiles, (files) => {
      const manifest = makeManifest('platform', files);
      t.deepEqual(manifestFromJson(JSON.parse(JSON.stringify(manifestToJson(manifest))), 'm.json'), manifest);
    }),
    runs(50),
  );
});

test('a manifest whose root is not that of its files, or that is none, is refused', (t) => {
  const good = manifestToJson(makeManifest('code', [file('a'), file('b')]));
  const bad: unknown[] = [
    { ...good, root: '0'.repeat(64) },
    { ...good, files: good.files.slice(1) },
    { ...good, files: [good.files[0], good.files[0]] },
    { ...good, extra: 1 },
    { ...good, files: [{ ...good.files[0], sha256: 'ff' }] },
    null,
    'x',
  ];
  for (const value of bad) t.is(codeOf(t.throws(() => manifestFromJson(value, 'm.json'))), 'manifest-invalid');
});

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('F62: names are UTF-8 in normal form, and show what they are', (t) => {
  for (const name of ['a.js', 'añb', 'b c', '\u{1f4a1}.txt']) t.deepEqual(judgeFileName(latin1(name)), { name });
  for (const name of ['\xff', 'a\xc3', '\xed\xa0\x80', '\xc0\xaf'])
    t.deepEqual(judgeFileName(name), { code: 'tree-name-encoding' });
  for (const name of ['an\u0303b', '\u212b']) t.deepEqual(judgeFileName(latin1(name)), { code: 'tree-name-form' });
  for (const name of ['a\nb', '\x1b[2J', 'a\u202eb', '\u0085', '\x7f']) {
    t.deepEqual(judgeFileName(latin1(name)), { code: 'tree-name-unprintable' });
  }
  // Each would stand beside `ab` in a list and look like it.
  for (const hidden of ['\ufeff', '\u200b', '\u00ad', '\u061c', '\u2060', '\u{e0041}', '\u3164', '\ufe0f', '\u034f', '\ue000']) {
    t.deepEqual(judgeFileName(latin1(`a${hidden}b`)), { code: 'tree-name-unprintable' }, JSON.stringify(hidden));
  }
});

test('every name that is taken comes back as the bytes that it was', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
      const verdict = judgeFileName(Buffer.from(bytes).toString('latin1'));
      if ('name' in verdict) t.deepEqual(new Uint8Array(Buffer.from(verdict.name, 'utf8')), bytes);
    }),
    runs(500),
  );
});
