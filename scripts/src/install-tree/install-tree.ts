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
import { bundleProgram } from './bundle-program.js';
import { bundledLicences } from './bundled-licences.js';
import { type LockedPackages, packagesOf, productionPackages, type ShippedPackage } from './production-packages.js';
import { ABSENT_PACKAGES, BUNDLE_PLANS, type BundlePlan, type ProgramName } from './program-plan.js';
import { besideOf, mendTree, replaceTree } from './replace-tree.js';
import { modeOf, shipsOfPackage, shipsOfWorkspace } from './shipped-files.js';

/** What to install, and where. */
export interface InstallOptions {
  /** Root of the repository, built. */
  readonly repository: string;
  readonly program: ProgramName;
  /** Folder of the tree; an older tree of the same program is replaced. */
  readonly target: string;
  /** Folder for the source maps of bundled code, by which a stack trace is read; they are of no tree. None when it is not told. */
  readonly maps?: string | undefined;
}

/** As absent-package.ts is in a bundle, of a package by itself. */
const ABSENT_CODE = "throw Object.assign(new Error('this package is not part of the tree'), { code: 'MODULE_NOT_FOUND' });\n";
const FOLDER = 0o755;
const LICENCE = 'LICENSE';
/** Those of the packages that are bundled; a package that is copied has its own beside it. */
const LICENCES = 'LICENSES';

/**
 * Makes the tree of a program: its code and that of the packages that it needs to run, bundled or copied, regular files only,
 * with modes that depend on no umask. The same sources give the same tree. It appears whole or not at all, also where power fails;
 * a run that ended while it took the place of an older one may leave neither, and the next run begins by putting the older one
 * back. Errors: `path-unusable`, `permission-denied`, `disk-failure`, those of `measureTree`.
 */
export function installTree({ repository, program, target: asked, maps }: InstallOptions): Manifest {
  const target = resolve(asked);
  const { name, version } = readJson(join(repository, program, 'package.json')) as { name: string; version: string };
  const aside = besideOf(target);
  try {
    mendTree(target, name);
    checkTarget(target, name);
    makeFolder(aside);
    write(treeMarkText(name, version), join(aside, TREE_MARK), 0o644);
    const { packages } = readJson(join(repository, 'package-lock.json')) as { packages: LockedPackages };
    const plan = BUNDLE_PLANS[program];
    if (plan) putBundled({ repository, program, tree: aside, packages, maps }, plan);
    else putCopied(repository, aside, productionPackages(packages, program));
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

interface Making {
  readonly repository: string;
  readonly program: ProgramName;
  readonly tree: string;
  readonly packages: LockedPackages;
  readonly maps: string | undefined;
}

function putBundled({ repository, program, tree, packages, maps: folder }: Making, plan: BundlePlan): void {
  const { files, maps, sources } = bundleProgram(repository, plan);
  const put = (path: string, content: string | Uint8Array): void => write(content, join(tree, path), modeOf(path));
  copyPackage(repository, tree, { from: program, to: '' }, (path) => !/^(dist\/|package\.json$)/.test(path));
  put('package.json', packageOf(readJson(join(repository, program, 'package.json')) as Readonly<Record<string, unknown>>));
  for (const name of plan.natives) {
    for (const shipped of packagesOf(packages, program, name)) copyPackage(repository, tree, shipped);
  }
  for (const name of plan.nativesInPlace) {
    const [shipped] = packagesOf(packages, program, name);
    if (shipped) copyPackage(repository, tree, shipped, (path) => !path.endsWith('.js'));
  }
  for (const [path, content] of files) put(path, content);
  put(LICENCES, bundledLicences(repository, [...sources.values()].flat()));
  if (folder !== undefined) for (const [path, map] of maps) write(map, join(folder, path), modeOf(path));
}

/** Where another package looks for one that it can do without, stands one that says that it is not there. */
function putCopied(repository: string, tree: string, all: readonly ShippedPackage[]): void {
  for (const shipped of all) copyPackage(repository, tree, shipped);
  for (const name of ABSENT_PACKAGES) {
    const to = `node_modules/${name}`;
    if (all.some((shipped) => shipped.to === to)) continue;
    write(
      `${JSON.stringify({ name, version: '0.0.0', private: true, main: 'index.js' }, null, 2)}\n`,
      join(tree, to, 'package.json'),
      0o644,
    );
    write(ABSENT_CODE, join(tree, to, 'index.js'), 0o644);
  }
}

/** What holds of a bundled program: it needs no package and exports nothing, and is CommonJS. */
function packageOf({ name, version, description, license, engines }: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ name, version, description, license, type: 'commonjs', engines }, null, 2)}\n`;
}

function copyPackage(
  repository: string,
  tree: string,
  { from, to }: ShippedPackage,
  isWanted: (path: string) => boolean = () => true,
): void {
  const source = join(repository, from);
  const ours = !from.startsWith('node_modules/');
  const isNative = existsSync(join(source, 'binding.gyp'));
  for (const file of filesUnder(source, ours)) {
    const ships = ours
      ? shipsOfWorkspace(file, (path) => existsSync(join(source, path)))
      : shipsOfPackage(file, { platform: process.platform, arch: process.arch }, isNative);
    const path = to === '' ? file : `${to}/${file}`;
    if (ships && isWanted(file)) copy(join(source, file), join(tree, path), modeOf(path));
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

function write(content: string | Uint8Array, to: string, mode: number): void {
  makeFolder(dirname(to));
  writeFileSync(to, content);
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
