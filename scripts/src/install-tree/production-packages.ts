/** A package as package-lock.json (version 3) tells of it. */
export interface LockedPackage {
  readonly version?: string;
  /** A workspace: `resolved` is its folder. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The `packages` of package-lock.json, by path from its folder. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** A package that ships. */
export interface ShippedPackage {
  /** Where it is, from the root of the repository. */
  readonly from: string;
  /** Where it goes, from the root of the tree; empty for the program itself. */
  readonly to: string;
}

/** Names of packages that only fetch or compile others when these are installed. */
const INSTALL_TIME: ReadonlySet<string> = new Set(['prebuild-install', 'node-addon-api']);

/**
 * The workspace and every package that it needs to run, found as Node finds them. RangeError for a dependency that the
 * lock does not have, and for two packages that want the same place in the tree.
 */
export function productionPackages(packages: LockedPackages, workspace: string): ShippedPackage[] {
  return shipped(packages, workspace, workspace);
}

/** As `productionPackages`, for one package that the workspace finds, instead of the workspace itself. */
export function packagesOf(packages: LockedPackages, workspace: string, name: string): ShippedPackage[] {
  const found = resolve(packages, workspace, name);
  if (found === undefined) throw new RangeError(`the lock does not have ${name}, which ${workspace} needs`);
  return shipped(packages, workspace, found);
}

function shipped(packages: LockedPackages, workspace: string, first: string): ShippedPackage[] {
  const places = new Map<string, string>();
  const walk = (from: string, to: string): void => {
    const taken = places.get(to);
    if (taken === from) return;
    if (taken !== undefined) throw new RangeError(`${taken} and ${from} both want to be ${to}`);
    places.set(to, from);
    const { dependencies = {}, optionalDependencies = {} } = packages[from] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (INSTALL_TIME.has(name)) continue;
      const found = resolve(packages, from, name);
      if (found !== undefined) walk(found, placeOf(found, workspace));
      else if (!(name in optionalDependencies)) throw new RangeError(`the lock does not have ${name}, which ${from} needs`);
    }
  };
  walk(first, placeOf(first, workspace));
  return [...places].map(([to, from]) => ({ from, to })).sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** The package that `name` means in the package at `from`: its own, or that of a folder above. */
function resolve(packages: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.replace(/\/?[^/]*$/, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    const found = packages[path];
    if (found?.link) return found.resolved;
    if (found) return path;
    if (folder === '') return undefined;
  }
}

/** A workspace stands where npm would link to it, what lies under the program itself at the root. */
function placeOf(path: string, workspace: string): string {
  if (path.startsWith('node_modules/')) return path;
  if (path === workspace) return '';
  if (path.startsWith(`${workspace}/`)) return path.slice(workspace.length + 1);
  const [other = '', ...rest] = path.split('/');
  return [`node_modules/@farola/${other}`, ...rest].join('/');
}
