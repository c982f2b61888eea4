import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join, relative } from 'node:path';
import { buildSync, type BuildOptions, type Metafile } from 'esbuild';
import { ABSENT_PACKAGES, type BundlePlan, type PlannedBundle } from './program-plan.js';

/** JavaScript that was put together, and what of. */
export interface BundledProgram {
  /** Text by path from the root of the tree. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Their source maps, by the same paths with `.map` behind: no part of the tree. */
  readonly maps: ReadonlyMap<string, Uint8Array>;
  /** Files that something of came into each of them, from the root of the repository. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

const ABSENT_PACKAGE = 'scripts/dist/install-tree/absent-package.js';

/** What the oldest Node that is supported understands. Names are short, as each takes memory; the maps know the long ones. */
const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'cjs',
  platform: 'node',
  // So that `import()` of a native package needs no loader of modules.
  supported: { 'dynamic-import': false },
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'silent',
  // What is read was compiled already: no tsconfig.json has a say.
  tsconfigRaw: '{}',
} satisfies BuildOptions;

/** A CommonJS module knows its file by another name. */
const OWN_URL = `const ownUrl=require('node:url').pathToFileURL(__filename).href;`;

/**
 * Bundles the code of a program: itself, each of its parts and threads, native packages at their places, each in one CommonJS file, for
 * which Node needs 2 MB less than for modules; what else is imported on demand is begun on demand. The same sources give the same bytes
 * wherever the repository lies. RangeError for code that would load a package that is not shipped.
 */
export function bundleProgram(repository: string, plan: BundlePlan): BundledProgram {
  const natives = [...plan.natives, ...plan.nativesInPlace];
  const alias = Object.fromEntries([...ABSENT_PACKAGES, ...plan.absent].map((name) => [name, join(repository, ABSENT_PACKAGE)]));
  const here: BuildOptions = { ...COMMON, absWorkingDir: repository, alias };
  const ours: BuildOptions = { ...here, external: natives, banner: { js: OWN_URL }, define: { 'import.meta.url': 'ownUrl' } };
  const parts = plan.parts.map(({ to }) => `./${basename(to)}`);
  const builds: BuildOptions[] = [
    { ...ours, external: [...natives, ...parts], ...placed(plan.program) },
    ...[...plan.parts, ...plan.threads].map((one) => ({ ...ours, ...placed(one) })),
    ...plan.nativesInPlace.map((name) => ({ ...here, ...placed(mainOf(repository, name)) })),
  ];
  const files = new Map<string, Uint8Array>();
  const maps = new Map<string, Uint8Array>();
  const sources = new Map<string, readonly string[]>();
  for (const build of builds) {
    const { outputFiles, metafile } = buildSync({ ...build, metafile: true, write: false });
    for (const { path, contents } of outputFiles) {
      const name = relative(repository, path);
      (path.endsWith('.map') ? maps : files).set(name, contents);
      if (!path.endsWith('.map')) sources.set(name, sourcesOf(metafile, [...natives, ...parts]).sort());
    }
  }
  return { files, maps, sources };
}

function placed({ from, to }: PlannedBundle): BuildOptions {
  return { entryPoints: [{ in: from, out: to.replace(/\.js$/, '') }], outdir: '.' };
}

function mainOf(repository: string, name: string): PlannedBundle {
  const folder = `node_modules/${name}`;
  const { main } = JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as { main: string };
  const path = join(folder, main);
  return { from: path, to: path };
}

/** Files whose code is in the bundles. RangeError for what these would look for elsewhere. */
function sourcesOf({ outputs, inputs }: Metafile, shipped: readonly string[]): string[] {
  const left = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  const strays = new Set(left.map(({ path }) => path).filter((path) => !isBuiltin(path) && !shipped.includes(path)));
  if (strays.size > 0) throw new RangeError(`the bundles would look for ${[...strays].join(', ')}`);
  const parts = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return parts.flatMap(([path, { bytesInOutput }]) => (path in inputs && bytesInOutput > 0 ? [path] : []));
}
