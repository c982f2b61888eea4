import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureTree, toHex } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const MAIN = fileURLToPath(new URL('../../../../scripts/dist/install-tree/main.js', import.meta.url));

/** A call of node:fs before which the program is killed: its name, and the how many-th it is. */
type Moment = readonly [call: 'copyFileSync' | 'renameSync' | 'rmSync', nth: number];

/** Runs the real program; with a moment it is killed there, by SIGKILL. */
function install(t: ExecutionContext, target: string, moment?: Moment): void {
  const { signal, status, stderr } = spawnSync(process.execPath, [...(moment ? killing(moment) : []), MAIN, target], {
    encoding: 'utf8',
  });
  t.deepEqual([signal, status], moment ? ['SIGKILL', null] : [null, 0], stderr);
}

function killing([call, nth]: Moment): string[] {
  const code = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    const real = fs.${call}; let calls = 0;
    fs.${call} = (...args) => (++calls === ${nth} ? process.kill(process.pid, 'SIGKILL') : real(...args));
    syncBuiltinESMExports();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

const hashOf = (tree: string): string => toHex(measureTree(tree).root);

for (const [what, moment] of [
  ['while it copies', ['copyFileSync', 10]],
  ['before it puts the tree at its place', ['renameSync', 1]],
] as const) {
  test(`a run that is killed ${what} leaves no tree, and the next one makes it whole`, (t) => {
    const folder = temporaryFolder(t);
    const tree = join(folder, 'tree');
    install(t, tree, moment);
    t.false(existsSync(tree));
    t.is(readdirSync(folder).length, 1);
    install(t, tree);
    t.deepEqual(readdirSync(folder), ['tree']);
  });
}

for (const [what, moment, stands] of [
  ['while it copies', ['copyFileSync', 10], 'older'],
  ['before the older tree is set aside', ['renameSync', 1], 'older'],
  ['after the older tree was set aside', ['renameSync', 2], 'none'],
  ['before the older tree is removed', ['rmSync', 1], 'newer'],
] as const) {
  test(`a run over an older tree that is killed ${what} leaves one of both whole, and the next run mends what is left`, (t) => {
    const folder = temporaryFolder(t);
    const tree = join(folder, 'tree');
    install(t, tree);
    const newer = hashOf(tree);
    writeFileSync(join(tree, 'of-before.js'), '', { mode: 0o644 });
    const older = hashOf(tree);
    mkdirSync(join(folder, 'tree.old-1'));
    writeFileSync(join(folder, 'tree.old-1', 'thesis.txt'), 'mine');

    install(t, tree, moment);
    t.is(existsSync(tree) ? hashOf(tree) : 'none', { older, newer, none: 'none' }[stands]);
    install(t, tree, ['copyFileSync', 1]);
    t.is(hashOf(tree), stands === 'newer' ? newer : older, 'mended before anything is copied');
    install(t, tree);
    t.is(hashOf(tree), newer);
    t.deepEqual(readdirSync(folder).sort(), ['tree', 'tree.old-1']);
  });
}
