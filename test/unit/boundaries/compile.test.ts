import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const IS_NOT_A_MODULE = 2306;
/** Of libraries, which every workspace reads under the same options. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Compiles one file that is not on the disk as part of a workspace, under that workspace's own options. */
function codesOf(workspace: string, source: string): number[] {
  const configPath = join(root, workspace, 'tsconfig.json');
  const config = ts.getParsedCommandLineOfConfigFile(
    configPath,
    { noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (config === undefined) throw new TypeError(`${configPath} cannot be read`);
  const planted = join(root, workspace, 'src/planted-by-test.ts');
  const host = ts.createCompilerHost(config.options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === planted || ts.sys.fileExists(path);
  host.readFile = (path) => (path === planted ? source : ts.sys.readFile(path));
  host.getSourceFile = (path, options, ...rest) => {
    if (path === planted) return ts.createSourceFile(path, source, options);
    if (!path.includes('/node_modules/')) return getSourceFile(path, options, ...rest);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, options, ...rest));
    return parsed.get(path);
  };
  const program = ts.createProgram({
    rootNames: [planted],
    options: config.options,
    host,
    ...(config.projectReferences === undefined ? {} : { projectReferences: config.projectReferences }),
  });
  return program.getSemanticDiagnostics(program.getSourceFile(planted)).map(({ code }) => code);
}

test('each workspace may import shared', (t) => {
  for (const workspace of ['agent', 'collector']) {
    t.deepEqual(codesOf(workspace, "import { ERRORS } from '@farola/shared';\nexport const table = ERRORS;\n"), []);
  }
});

const AGENT = '@farola/agent/meter/line/rtu-frame.js';
const COLLECTOR = '@farola/collector/ledger/ledger.js';

test('scripts, which may import every workspace, find the modules that are refused below', (t) => {
  t.deepEqual(codesOf('scripts', `export * from '${AGENT}';\nexport * as other from '${COLLECTOR}';\n`), []);
});

const REFUSED = [
  ['agent', COLLECTOR],
  ['collector', AGENT],
  ['shared', AGENT],
  ['shared', COLLECTOR],
] as const;

for (const [workspace, specifier] of REFUSED) {
  test(`${workspace} does not compile when it imports ${specifier}`, (t) => {
    t.deepEqual(codesOf(workspace, `export * from '${specifier}';\n`), [IS_NOT_A_MODULE]);
  });
}
