import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FarolaError, findInstalledTree, type Manifest, measureTree, TREE_MARK, treeMarkText } from '@farola/shared';
import { type LockedPackages, productionPackages, type ShippedPackage } from './production-packages.js';
import { besideOf, mendTree, replaceTree } from './replace-tree.js';
import { modeOf, shipsOfPackage, shipsOfWorkspace } from './shipped-files.js';

/** What to install, and where. */
export interface InstallOptions {
  /** Root of the repository, built. */
  readonly repository: string;
  readonly program: 'agent' | 'collector';
  /** Folder of the tree; an older tree of the same program is replaced. */
  readonly target: string;
}

const FOLDER = 0o755;
const LICENCE = 'LICENSE';

/**
 * Makes the tree of a program: its compiled code and the packages that it needs to run, regular files only, with modes that
 * depend on no umask. The same sources give the same tree. It appears whole or not at all, also where power fails; a run that
 * ended while it took the place of an older one may leave neither, and the next run begins by putting the older one back. Errors:
 * `path-unusable`, `permission-denied`, `disk-failure`, those of `measureTree`.
 */
export function installTree({ repository, program, target: asked }: InstallOptions): Manifest {
  const target = resolve(asked);
  const { name, version } = readJson(join(repository, program, 'package.json')) as { name: string; version: string };
  const aside = besideOf(target);
  try {
    mendTree(target, name);
    checkTarget(target, name);
    makeFolder(aside);
    writeFileSync(join(aside, TREE_MARK), treeMarkText(name, version));
    chmodSync(join(aside, TREE_MARK), 0o644);
    const { packages } = readJson(join(repository, 'package-lock.json')) as { packages: LockedPackages };
    for (const shipped of productionPackages(packages, program)) copyPackage(repository, aside, shipped);
    copy(join(repository, LICENCE), join(aside, LICENCE), 0o644);
    const manifest = measureTree(aside);
    replaceTree(target, aside);
    return manifest;
  } catch (error) {
    if (existsSync(aside)) rmSync(aside, { recursive: true });
    throw failureOf(target, error);
  }
}

function checkTarget(target: string, name: string): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory()) throw new FarolaError('path-unusable', { path: target, reason: 'it is not a folder' });
  if (readdirSync(target).length === 0 || findInstalledTree(target)?.mark.name === name) return;
  throw new FarolaError('path-unusable', { path: target, reason: `it holds other things than a tree of ${name}` });
}

function copyPackage(repository: string, tree: string, { from, to }: ShippedPackage): void {
  const source = join(repository, from);
  const ours = !from.startsWith('node_modules/');
  for (const file of filesUnder(source, ours)) {
    const ships = ours
      ? shipsOfWorkspace(file, (path) => existsSync(join(source, path)))
      : shipsOfPackage(file, { platform: process.platform, arch: process.arch });
    const path = to === '' ? file : `${to}/${file}`;
    if (ships) copy(join(source, file), join(tree, path), modeOf(path));
  }
}

/** Regular files under a package, from its folder; other packages that lie in it are walked by themselves. */
function filesUnder(folder: string, ours: boolean): string[] {
  const skipped = ours ? /^(src|node_modules)$/ : /^node_modules$/;
  const walk = (at: string): string[] =>
    readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
      const path = join(at, entry.name);
      if (entry.isDirectory()) return skipped.test(relative(folder, path)) ? [] : walk(path);
      return entry.isFile() ? [relative(folder, path)] : [];
    });
  return walk(folder);
}

function copy(from: string, to: string, mode: number): void {
  makeFolder(dirname(to));
  copyFileSync(from, to);
  chmodSync(to, mode);
}

/** Makes a folder and those above it that are not there; what is made has its mode whatever the umask. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
  chmodSync(path, FOLDER);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function failureOf(path: string, error: unknown): unknown {
  if (error instanceof FarolaError || !(error instanceof Error) || !('code' in error)) return error;
  const denied = error.code === 'EACCES' || error.code === 'EPERM';
  if (denied)
    return new FarolaError('permission-denied', { path, remedy: 'run this as a user who may write there' }, { cause: error });
  return new FarolaError('path-unusable', { path, reason: error.message }, { cause: error });
}
