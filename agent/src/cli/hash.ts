import { lstatSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  diffManifests,
  FarolaError,
  type FileChange,
  findInstalledTree,
  type InstalledTree,
  type Manifest,
  type ManifestKind,
  manifestFromJson,
  manifestToJson,
  linuxPlatformFiles,
  measureFiles,
  measureTree,
  nativesOf,
  printable,
  toHex,
  TREE_MARK,
  counted,
} from '@farola/shared';
import { platformSources } from '../code/linux-platform-sources.js';
import { namedInputFailure } from '../trust/fs-durable-file.js';
import { OWN_FOLDER } from '../version.js';

/** What `farola-agent hash` is asked. */
export interface HashOptions {
  /** Folder of an installed tree; that of this agent when it is not told. */
  readonly dir?: string | undefined;
  /** Another tree, or a file that `--json` wrote, to compare with. */
  readonly other?: string | undefined;
  /** Every file as well. */
  readonly files?: boolean | undefined;
  /** Every file of the platform; and compared with the platform of `other`, where that is a file. */
  readonly platform?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What was measured of a tree; undefined for a checkout. */
type Code = { readonly tree: InstalledTree; readonly manifest: Manifest } | undefined;

/**
 * Prints code hash and platform hash, and what differs from another tree or manifest.
 * @throws FarolaError `tree-not-installed`, those of `measureTree`; `manifest-invalid`, `file-unreadable`; `code-differs`
 * after it printed what differs
 */
export function printHash({ dir, other, files, platform: ofPlatform, json }: HashOptions, out: (line: string) => void): void {
  const sources = platformSources();
  const code = dir === undefined ? measureOwn() : measureInstalled(dir);
  const natives = code ? nativesOf(code.tree.root, code.manifest) : [];
  const platform = measureFiles(linuxPlatformFiles(sources, natives));
  const changes = other === undefined ? undefined : compare(code, platform, other, ofPlatform ?? false);
  if (json) out(JSON.stringify(jsonOf(code, platform, changes)));
  else for (const line of linesOf(code, platform, { code: files ?? false, platform: files ?? ofPlatform ?? false })) out(line);
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
  if (!tree) checkThere(dir);
  if (!tree) throw new FarolaError('tree-not-installed', { path: dir, mark: TREE_MARK });
  return { tree, manifest: measureTree(tree.root) };
}

function compare(code: Code, platform: Manifest, other: string, ofPlatform: boolean): readonly FileChange[] {
  if (!code) throw new FarolaError('tree-not-installed', { path: OWN_FOLDER, mark: TREE_MARK });
  if (isFolder(other)) return diffManifests(code.manifest, measureInstalled(other).manifest);
  const written = readJson(other);
  const changes = diffManifests(code.manifest, manifestIn(written, 'code', other));
  return ofPlatform ? [...changes, ...diffManifests(platform, manifestIn(written, 'platform', other))] : changes;
}

function checkThere(path: string): void {
  try {
    lstatSync(path);
  } catch (error) {
    throw namedInputFailure(path, error);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(resolve(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new FarolaError('manifest-invalid', { path, reason: 'it is no JSON' }, { cause: error });
    throw namedInputFailure(path, error);
  }
}

/** The manifest of this kind in what `--json` wrote; the one of the code may stand alone. */
function manifestIn(value: unknown, kind: ManifestKind, path: string): Manifest {
  const both: Partial<Record<ManifestKind, unknown>> = typeof value === 'object' && value !== null ? value : {};
  const standsAlone = kind === 'code' && both.code === undefined;
  const manifest = manifestFromJson(standsAlone ? value : both[kind], path);
  if (manifest.kind === kind) return manifest;
  throw new FarolaError('manifest-invalid', { path, reason: `it is one of the ${manifest.kind}` });
}

function jsonOf(code: Code, platform: Manifest, changes: readonly FileChange[] | undefined): unknown {
  return {
    tree: code ? { treePath: code.tree.root, name: code.tree.mark.name, version: code.tree.mark.version } : null,
    code: code ? manifestToJson(code.manifest) : null,
    platform: manifestToJson(platform),
    changes: changes ?? null,
  };
}

function linesOf(code: Code, platform: Manifest, files: Readonly<Record<ManifestKind, boolean>>): string[] {
  const what = code
    ? `${toHex(code.manifest.root)}  ${code.tree.mark.name} ${code.tree.mark.version}, ${counted(code.manifest.files.length, 'file')} in ${code.tree.root}`
    : `not measured: ${OWN_FOLDER} is a checkout, not an installed tree`;
  return [
    `code      ${printable(what)}`,
    ...(files.code && code ? leavesOf(code.manifest) : []),
    `platform  ${toHex(platform.root)}  ${counted(platform.files.length, 'file')}`,
    ...(files.platform ? leavesOf(platform) : []),
  ];
}

function leavesOf({ files }: Manifest): string[] {
  return files.map(
    ({ path, executable, size, sha256 }) => `  ${toHex(sha256)} ${executable ? 'x' : '-'} ${String(size).padStart(9)} ${path}`,
  );
}
