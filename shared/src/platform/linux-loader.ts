import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { readElfNeeds } from './fs-elf-needs.js';
import { listed, realPathOf, textOf } from '../manifest/fs-present.js';

/** How the loader of this machine finds libraries, ld.so(8) and ldconfig(8). */
export interface Loader {
  /** Its configuration, absolute paths; some may not be there. */
  readonly files: readonly string[];
  /** Where it looks for a library, each once, without links: those of its configuration, then its own. */
  readonly folders: readonly string[];
}

const CONFIGURATION = 'etc/ld.so.conf';
/** What it loads into every program before all else. */
const PRELOAD = 'etc/ld.so.preload';
const OWN_FOLDERS = ['lib', 'lib64', 'usr/lib', 'usr/lib64'];
const MULTIARCH = '-linux-gnu';
/** Below a folder of libraries: variants for newer processors. */
const VARIANTS = 'glibc-hwcaps';

/** Reads the configuration of the loader. Error: `tree-unreadable`. @param root in place of `/` */
export function readLoader(root = '/'): Loader {
  const files = new Set<string>();
  const named = foldersIn(join(root, CONFIGURATION), root, files);
  const own = OWN_FOLDERS.map((folder) => join(root, folder));
  const multiarch = own.flatMap((folder) => listed(folder).filter((path) => path.endsWith(MULTIARCH)));
  const folders = [...named, ...multiarch, ...own];
  const variants = folders.flatMap((folder) => listed(join(folder, VARIANTS)));
  const real = [...folders, ...variants].flatMap((folder) => realPathOf(folder) ?? []);
  return { files: [join(root, PRELOAD), ...files], folders: [...new Set(real)] };
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
    const places = [...near, ...folders];
    for (const path of needs.names.flatMap((name) => placesOf(name, places))) {
      if (!found.has(path)) queue.push(path);
      found.add(path);
    }
  }
  return [...found];
}

function placesOf(name: string, folders: readonly string[]): string[] {
  if (name.includes('/') && !isAbsolute(name)) return [];
  const paths = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
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
  return listed(dirname(pattern)).filter((path) => expression.test(basename(path)));
}
