import { basename } from 'node:path';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Files that may touch the world: adapters, named for their technology, and what chooses them. */
const ADAPTERS = [
  '**/*-clock.ts',
  '**/{sqlite,serialport,tcp,ws,node,fs,linux,onoff,systemd,pino}-*.ts',
  '**/src/main.ts',
  '**/src/main/*.ts',
  '**/src/cli/**',
];

/** What the product ships. */
const PRODUCT = ['{shared,agent,collector}/src/**/*.ts'];

const HANDED_IN = 'is handed in (shared/src/clock.ts): only adapters, main.ts, main/ and cli/ touch the world.';

/** Every export has TSDoc. Overloads and re-exports are described where they are declared first. */
const exportsAreDescribed = {
  meta: { type: 'suggestion', schema: [], messages: { missing: '`{{name}}` is exported: say in TSDoc what it answers.' } },
  create(context) {
    const described = new Set();
    return {
      ExportNamedDeclaration(node) {
        if (!node.declaration || context.filename.endsWith('.d.ts')) return;
        const name = node.declaration.id?.name ?? node.declaration.declarations?.[0]?.id.name ?? 'this';
        const comment = context.sourceCode.getCommentsBefore(node).at(-1);
        if (comment?.type === 'Block' && comment.value.startsWith('*')) described.add(name);
        else if (!described.has(name)) context.report({ node, messageId: 'missing', data: { name } });
      },
    };
  },
};

/** A folder is a capability and a file a concept, named by its noun. */
const filesAreNamed = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { case: 'File names are kebab-case.', vague: '`{{name}}` names no concept.' },
  },
  create(context) {
    return {
      Program(node) {
        const name = basename(context.filename).replace(/(\.test|\.d)?\.ts$/, '');
        if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) context.report({ node, messageId: 'case' });
        if (/^(utils?|helpers?|manager|common|misc)$/.test(name)) context.report({ node, messageId: 'vague', data: { name } });
      },
    };
  },
};

const MISSING_IS_SKIPPED =
  'A test that ends here passes though it tested nothing. Where the machine lacks something declare it by testUnless (test/fakes); what must hold is asserted.';
const PASS = "CallExpression[callee.object.name='t'][callee.property.name='pass']";
const TEST = 'CallExpression[callee.name=/^(test|[a-z]\\w*Test)$/] > ArrowFunctionExpression > BlockStatement';
const ENDS_EARLY = [
  `ExpressionStatement:has(> ${PASS}) + ReturnStatement`,
  `ReturnStatement > ${PASS}`,
  `${TEST} > IfStatement > ReturnStatement[argument=null]`,
  `${TEST} > IfStatement > BlockStatement > ReturnStatement[argument=null]`,
];

export default defineConfig(
  globalIgnores(['*/must-not-import-*.d.ts', '**/dist/', '**/node_modules/', 'coverage/', '.demo/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { farola: { rules: { 'exports-are-described': exportsAreDescribed, 'files-are-named': filesAreNamed } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers and counts read well in templates; objects and undefined stay errors.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `setTimeout(() => done(), 5)` and the like are clear as they are.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      // An async function without await is how a fake or an adapter fills a port of promises.
      '@typescript-eslint/require-await': 'off',
      // tsc asks for brackets (noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { boolean: true, string: true } }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // It would ask for `!`.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      'eqeqeq': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-param-reassign': 'error',
      'max-depth': ['warn', 4],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      'farola/files-are-named': 'error',
    },
  },
  {
    files: PRODUCT,
    rules: { 'farola/exports-are-described': 'error', 'no-console': 'error' },
  },
  {
    files: PRODUCT,
    ignores: ADAPTERS,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: `A timer ${HANDED_IN}` })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: `The clock ${HANDED_IN}` },
        { object: 'performance', property: 'now', message: `The clock ${HANDED_IN}` },
        { object: 'process', property: 'hrtime', message: `The clock ${HANDED_IN}` },
        { object: 'Math', property: 'random', message: `Random ${HANDED_IN}` },
        { object: 'process', property: 'env', message: `The environment ${HANDED_IN}` },
        { object: 'process', property: 'exit', message: 'Only main.ts and cli/ end the process.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `The clock ${HANDED_IN}` },
        { selector: "CallExpression[callee.name='Date']", message: `The clock ${HANDED_IN}` },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...['node:timers', 'node:timers/promises', 'timers', 'timers/promises'].map((name) => ({
              name,
              message: `A timer ${HANDED_IN}`,
            })),
            { name: 'node:process', message: `The process ${HANDED_IN}` },
            {
              name: 'node:crypto',
              importNames: ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID'],
              message: `Random ${HANDED_IN}`,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests hand over broken values on purpose, and say by `!` what the line before asserted.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': ['error', ...ENDS_EARLY.map((selector) => ({ selector, message: MISSING_IS_SKIPPED }))],
    },
  },
);
