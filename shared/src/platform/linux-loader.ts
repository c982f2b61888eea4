import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { codeOf } from '../errors.js';
import { listed, realPathOf, textOf } from '../manifest/fs-present.js';
import { readElfNeeds } from './fs-elf-needs.js';

/** A folder of libraries. */
export interface LibraryFolder {
  /** Absolute, without links. */
  readonly path: string;
  readonly names: ReadonlySet<string>;
}

/** How the loader of this machine finds libraries, ld.so(8) and ldconfig(8). */
export interface Loader {
  /** Its configuration, absolute paths; some may not be there. */
  readonly files: readonly string[];
  /** Where it looks for a library, each once: the folders of its configuration and its own. */
  readonly folders: readonly LibraryFolder[];
}

const CONFIGURATION = 'etc/ld.so.conf';
/** What it loads into every program before all else. */
const PRELOAD = 'etc/ld.so.preload';
const OWN_FOLDERS = ['lib', 'lib64', 'usr/lib', 'usr/lib64'];
const MULTIARCH = '-linux-gnu';
/** Below a folder of libraries: variants for newer processors. */
const VARIANTS = 'glibc-hwcaps';

/**
 * Reads the configuration of the loader. A folder that this user may not read holds nothing that this user's programs load. Error:
 * `tree-unreadable` for a configuration that cannot be read.
 * @param root in place of `/`
 */
export function readLoader(root = '/'): Loader {
  const files = new Set<string>();
  const named = foldersIn(join(root, CONFIGURATION), root, files);
  const folders = new Map<string, LibraryFolder>();
  for (const folder of named) addFolder(folders, folder);
  for (const folder of OWN_FOLDERS) {
    for (const name of addFolder(folders, join(root, folder))) {
      if (name.endsWith(MULTIARCH)) addFolder(folders, join(root, folder, name));
    }
  }
  for (const { path, names } of [...folders.values()]) {
    const variants = names.has(VARIANTS) ? (readable(() => listed(join(path, VARIANTS))) ?? []) : [];
    for (const variant of variants) addFolder(folders, join(path, VARIANTS, variant));
  }
  return { files: [join(root, PRELOAD), ...files], folders: [...folders.values()] };
}

/** Adds a folder that is there and may be read, unless it is known. Gives the names in it. */
function addFolder(folders: Map<string, LibraryFolder>, folder: string): Iterable<string> {
  const found = readable(() => realPathOf(folder));
  if (found === undefined) return [];
  const known = folders.get(found) ?? { path: found, names: new Set(readable(() => listed(found))) };
  folders.set(found, known);
  return known.names;
}

/**
 * The libraries that these files ask for, those that they ask for, and so on. Which one of two with one name the loader takes depends
 * on its cache, on the processor and on who asks: both are given.
 * @param files absolute paths
 */
export function neededLibraries(files: Iterable<string>, { folders }: Loader): string[] {
  const found = new Set<string>();
  const queue = [...files];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const needs = readElfNeeds(file);
    const near = needs.folders.map((folder) => folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(file)));
    for (const path of needs.names.flatMap((name) => placesOf(name, near, folders))) {
      if (!found.has(path)) queue.push(path);
      found.add(path);
    }
  }
  return [...found];
}

function placesOf(name: string, near: readonly string[], folders: readonly LibraryFolder[]): string[] {
  if (isAbsolute(name)) return [name].filter(isFile);
  if (name.includes('/')) return [];
  const known = folders.filter(({ names }) => names.has(name));
  return [...near, ...known.map(({ path }) => path)].map((folder) => join(folder, name)).filter(isFile);
}

/** What cannot be looked at cannot be loaded. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What the call gives; undefined when the folder of libraries may not be read. */
function readable<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (codeOf(error) === 'tree-unreadable') return undefined;
    throw error;
  }
}

/** The folders that a file of the configuration names, itself or by `include`; each file is read once. */
function foldersIn(file: string, root: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return linesOf(file).flatMap((line) => {
    const [, pattern] = /^include\s+(\S+)$/.exec(line) ?? [];
    if (pattern === undefined) return line.startsWith('/') ? [join(root, line)] : [];
    const included = pattern.startsWith('/') ? join(root, pattern) : join(dirname(file), pattern);
    return matching(included).flatMap((one) => foldersIn(one, root, seen));
  });
}

function linesOf(file: string): string[] {
  return textOf(file)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim());
}

/** Files by a pattern with `*` and `?` in its last part. */
function matching(pattern: string): string[] {
  const parts = basename(pattern).split(/([*?])/);
  const source = parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&')));
  const expression = new RegExp(`^${source.join('')}$`);
  return listed(dirname(pattern))
    .filter((name) => expression.test(name))
    .map((name) => join(dirname(pattern), name));
}
