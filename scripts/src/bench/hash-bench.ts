import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FarolaError, findInstalledTree, measureTree, TREE_MARK } from '@farola/shared';
import { installTree } from '../install-tree/install-tree.js';
import { median } from './measure.js';

/** What was measured: medians over pairs of measurements, each with its floor side by side. */
export interface HashFigures {
  readonly files: number;
  readonly bytes: number;
  /** The code hash of the tree, from the first look to the root, ms. */
  readonly ms: number;
  /** SHA-256 over the same bytes in memory, plus a bare walk with readdir and lstat, ms. */
  readonly floorMs: number;
  readonly ratio: number;
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const WARM_UP = 20;

/**
 * Measures the code hash against its floor. Errors: `tree-not-installed`, those of `measureTree`.
 * @param tree folder of an installed tree; that of the agent is made when it is not told
 * @param pairs how many times both are measured
 */
export function benchHash(tree: string | undefined, pairs: number): HashFigures {
  if (tree !== undefined) {
    if (!findInstalledTree(tree)) throw new FarolaError('tree-not-installed', { path: tree, mark: TREE_MARK });
    return measureBoth(tree, pairs);
  }
  const folder = mkdtempSync(join(tmpdir(), 'farola-bench-'));
  try {
    const target = join(folder, 'farola-agent');
    installTree({ repository: REPOSITORY, program: 'agent', target });
    return measureBoth(target, pairs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureBoth(tree: string, pairs: number): HashFigures {
  const { files } = measureTree(tree);
  const bytes = Buffer.concat(files.map(({ path }) => readFileSync(join(tree, path))));
  const real = (): unknown => measureTree(tree);
  const floor = (): unknown => [createHash('sha256').update(bytes).digest(), bareWalk(tree)];
  for (let i = 0; i < WARM_UP; i++) {
    real();
    floor();
  }
  const times = Array.from({ length: pairs }, () => ({ real: msOf(real), floor: msOf(floor) }));
  return {
    files: files.length,
    bytes: bytes.length,
    ms: rounded(median(times.map((pair) => pair.real))),
    floorMs: rounded(median(times.map((pair) => pair.floor))),
    ratio: rounded(median(times.map((pair) => pair.real / pair.floor))),
  };
}

/** As little as a walk can be: every name, every lstat. */
function bareWalk(folder: string): number {
  let files = 0;
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    files += lstatSync(path).isDirectory() ? bareWalk(path) : 1;
  }
  return files;
}

function msOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
