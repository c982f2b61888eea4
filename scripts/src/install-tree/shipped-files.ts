/** What Node can load. */
const LOADED = /\.(js|cjs|mjs|json|node|wasm)$/;
const LICENCE = /^(licen[cs]e|copying|notice)/i;
/** Top folders of packages that nothing loads at run time. */
const UNUSED = /^(test|tests|bench|benchmarks?|docs|examples?|node_modules)\//;
/** What node-gyp made lies here; in other packages `build/` is the code itself. */
const NATIVE_FOLDER = 'build/Release/';
const NATIVE_BUILD = /^build\/Release\/[^/]+\.node$/;
/** Made beside the module that is meant, for the tests of its package. */
const TEST_ADDON = 'build/Release/test_';
const PREBUILT = /^prebuilds\/([a-z0-9]+)-([^/]+)\//;

/** The machine that a tree is for, as Node names it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
}

/** Whether a file holds the licence of its package. @param name without folder */
export function isLicence(name: string): boolean {
  return LICENCE.test(name);
}

/**
 * Whether a file of a package from elsewhere ships: what Node can load, its licence, and of native modules those for this
 * machine.
 * @param path from the folder of the package
 * @param isNative whether node-gyp compiles something of the package (it has `binding.gyp`), into its `build/`
 */
export function shipsOfPackage(path: string, { platform, arch }: Machine, isNative: boolean): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (UNUSED.test(path) || path.split('/').some((part) => part.startsWith('.'))) return false;
  if (path.startsWith(isNative ? 'build/' : NATIVE_FOLDER)) return NATIVE_BUILD.test(path) && !path.startsWith(TEST_ADDON);
  const prebuilt = PREBUILT.exec(path);
  if (prebuilt && (prebuilt[1] !== platform || !prebuilt[2]?.split('+').includes(arch))) return false;
  return LOADED.test(name) || isLicence(name);
}

/**
 * Whether a file of a workspace of ours ships: compiled code whose source is there, the package file, profiles, programs.
 * @param isSource whether a path from the folder of the workspace is there
 */
export function shipsOfWorkspace(path: string, isSource: (path: string) => boolean): boolean {
  if (path === 'package.json' || /^bin\/[^/.]+$/.test(path) || /^profiles\/([^/]+\.yaml|profile\.schema\.json)$/.test(path))
    return true;
  const compiled = /^dist\/(.+)\.js$/.exec(path);
  return compiled?.[1] !== undefined && isSource(`src/${compiled[1]}.ts`);
}

/** Only our programs are executed; everything else is loaded. */
export function modeOf(path: string): number {
  return path.startsWith('bin/') ? 0o755 : 0o644;
}
