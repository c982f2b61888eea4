import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  diffManifests,
  FarolaError,
  type FileChange,
  findInstalledTree,
  type InstalledTree,
  type Manifest,
  manifestFromJson,
  manifestToJson,
  measureFiles,
  measureTree,
  printable,
  toHex,
  TREE_MARK,
} from '@farola/shared';
import { linuxPlatformFiles } from '../code/linux-platform-files.js';
import { OWN_FOLDER } from '../version.js';

/** What `farola-agent hash` is asked. */
export interface HashOptions {
  /** Folder of an installed tree; that of this agent when it is not told. */
  readonly dir?: string | undefined;
  /** Another tree, or a file that `--json` wrote, to compare with. */
  readonly other?: string | undefined;
  /** Every file as well. */
  readonly files?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What was measured of a tree; undefined for a checkout. */
type Code = { readonly tree: InstalledTree; readonly manifest: Manifest } | undefined;

/**
 * Prints code hash and platform hash, and what differs from another tree or manifest.
 * @throws FarolaError `tree-not-installed`, those of `measureTree`; `manifest-invalid`, `path-unusable`; `code-differs`
 * after it printed what differs
 */
export function printHash({ dir, other, files, json }: HashOptions, out: (line: string) => void): void {
  const platform = measureFiles(linuxPlatformFiles());
  const code = dir === undefined ? measureOwn() : measureInstalled(dir);
  const changes = other === undefined ? undefined : compare(code, other);
  if (json) out(JSON.stringify(jsonOf(code, platform, changes)));
  else for (const line of linesOf(code, platform, files ?? false)) out(line);
  if (!changes) return;
  if (!json) for (const { change, path } of changes) out(`${change.padEnd(8)} ${printable(path)}`);
  if (changes.length > 0) throw new FarolaError('code-differs', { count: changes.length });
  if (!json) out('no file differs');
}

function measureOwn(): Code {
  const tree = findInstalledTree(OWN_FOLDER);
  return tree && { tree, manifest: measureTree(tree.root) };
}

function measureInstalled(dir: string): NonNullable<Code> {
  const tree = findInstalledTree(dir);
  if (!tree) throw new FarolaError('tree-not-installed', { path: dir, mark: TREE_MARK });
  return { tree, manifest: measureTree(tree.root) };
}

function compare(code: Code, other: string): readonly FileChange[] {
  if (!code) throw new FarolaError('tree-not-installed', { path: OWN_FOLDER, mark: TREE_MARK });
  const manifest = isFolder(other) ? measureInstalled(other).manifest : readManifest(other);
  return diffManifests(code.manifest, manifest);
}

function isFolder(path: string): boolean {
  return lstatSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readManifest(path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new FarolaError('manifest-invalid', { path, reason: 'it is no JSON' }, { cause: error });
    throw new FarolaError(
      'path-unusable',
      { path, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  const whole = typeof value === 'object' && value !== null && 'code' in value ? value.code : value;
  return manifestFromJson(whole, path);
}

function jsonOf(code: Code, platform: Manifest, changes: readonly FileChange[] | undefined): unknown {
  return {
    tree: code ? { ...code.tree.mark, root: code.tree.root } : null,
    code: code ? manifestToJson(code.manifest) : null,
    platform: manifestToJson(platform),
    ...(changes ? { changes } : {}),
  };
}

function linesOf(code: Code, platform: Manifest, files: boolean): string[] {
  const what = code
    ? `${toHex(code.manifest.root)}  ${code.tree.mark.name} ${code.tree.mark.version}, ${code.manifest.files.length} files in ${code.tree.root}`
    : `not measured: ${OWN_FOLDER} is a checkout, not an installed tree`;
  return [
    `code      ${printable(what)}`,
    ...(files && code ? leavesOf(code.manifest) : []),
    `platform  ${toHex(platform.root)}  ${platform.files.length} files`,
    ...(files ? leavesOf(platform) : []),
  ];
}

function leavesOf({ files }: Manifest): string[] {
  return files.map(
    ({ path, executable, size, sha256 }) => `  ${toHex(sha256)} ${executable ? 'x' : '-'} ${String(size).padStart(9)} ${path}`,
  );
}
