/**
 * Who may import whom: DESIGN section 2 as rules. `test/unit/boundaries` plants a violation of each and sees it refused.
 * Paths are those of sources; another workspace is seen through its dist folder, where its package.json points.
 */

/**
 * An adapter is a file named for its technology; main.ts, main/ (its parts, and those of its threads) and cli/ choose among them.
 * `NOUN-adapters.ts` gathers those of its folder for them.
 */
const TECHNOLOGY = '(sqlite|serialport|modbus|tcp|ws|node|fs|linux|onoff|systemd|pino|sodium|tweetnacl|x509)';
const ADAPTER = `^(agent|collector)/src/(|.*/)(${TECHNOLOGY}-[^/]+|[^/]+-adapters)\\.ts$`;
const CHOOSES_ADAPTERS = '^(agent|collector)/src/(main\\.ts|main/|cli/)';

const NATIVE = '(^|/)node_modules/(better-sqlite3|serialport|@serialport/[^/]+|sodium-native|onoff|epoll)/';

/** `import type` needs nothing at run time. */
const AT_RUN_TIME = { dependencyTypesNot: ['type-only', 'type-import'] };

/** The folders of a workspace in the order of the walk of data. */
const WALK = {
  agent: ['meter', 'journal', 'link'],
  collector: ['link', 'poll', 'verify', 'ledger', 'fleet', 'api'],
};

/** The agent's journal knows neither where samples come from nor where they go. */
const AGENT_WALK = [
  {
    name: 'journal-stands-alone',
    comment: 'The journal keeps entries; it does not know meters or the link.',
    severity: 'error',
    from: { path: '^agent/src/journal/' },
    to: { path: '^agent/src/(meter|link)/' },
  },
  {
    name: 'meter-knows-no-link',
    comment: 'A meter is read the same whether anyone is connected or not.',
    severity: 'error',
    from: { path: '^agent/src/meter/' },
    to: { path: '^agent/src/link/' },
  },
  {
    name: 'link-reads-the-journal-only',
    comment: 'The link sends what the journal holds; of meters it knows at most types.',
    severity: 'error',
    from: { path: '^agent/src/link/' },
    to: { path: '^agent/src/meter/', ...AT_RUN_TIME },
  },
];

/** One rule for each folder: what comes before it on the walk is known by its ports, which are types, only. */
const COLLECTOR_WALK = WALK.collector.slice(1).map((folder, index) => ({
  name: `${folder}-knows-ports-upstream`,
  comment: `Against the walk ${WALK.collector.join(' -> ')} only ports are known: use \`import type\`.`,
  severity: 'error',
  from: { path: `^collector/src/${folder}/`, pathNot: ADAPTER },
  to: { path: `^collector/src/(${WALK.collector.slice(0, index + 1).join('|')})/`, ...AT_RUN_TIME },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle at run time makes the order of loading matter; cut it with a port.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: AT_RUN_TIME },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: { pathNot: '^(test|scripts)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'agent-without-collector',
      comment: 'An LCU installs only what the agent needs.',
      severity: 'error',
      from: { path: '^agent/' },
      to: { path: '(^|/)(collector/|@farola/collector)' },
    },
    {
      name: 'collector-without-agent',
      comment: 'They meet in shared, and on the wire.',
      severity: 'error',
      from: { path: '^collector/' },
      to: { path: '(^|/)(agent/|@farola/agent)' },
    },
    {
      name: 'shared-stands-alone',
      comment: 'shared is what both agree on; it knows neither.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '(^|/)((agent|collector)/(src|dist)/|@farola/(agent|collector))' },
    },
    {
      name: 'shared-by-its-root',
      comment: 'What a program needs of shared, shared/src/index.ts exports.',
      severity: 'error',
      from: { path: '^(agent|collector)/' },
      to: { path: '^shared/', pathNot: '^shared/dist/index\\.(js|d\\.ts)$' },
    },
    {
      name: 'by-package-name',
      comment: 'Tests and scripts use what a workspace exports, by its name.',
      severity: 'error',
      from: { path: '^(test|scripts)/' },
      to: { path: '^(shared|agent|collector)/src/' },
    },
    {
      name: 'product-without-tests',
      comment: 'What ships needs no test and no script.',
      severity: 'error',
      from: { path: '^(shared|agent|collector)/src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'product-without-dev-dependencies',
      comment: 'What ships imports what its own package.json names.',
      severity: 'error',
      from: { path: '^(shared|agent|collector)/src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'], pathNot: '^shared/dist/', ...AT_RUN_TIME },
    },
    {
      name: 'adapters-are-chosen-once',
      comment: 'Only main.ts, main/ and cli/ choose adapters; logic knows ports.',
      severity: 'error',
      from: { path: '^(agent|collector)/src/', pathNot: [ADAPTER, CHOOSES_ADAPTERS] },
      to: { path: ADAPTER, ...AT_RUN_TIME },
    },
    {
      name: 'adapters-stay-in-their-folder',
      comment: 'An adapter may be made of several files of its folder, and of trust, but not of another capability.',
      severity: 'error',
      from: { path: ADAPTER, pathNot: CHOOSES_ADAPTERS },
      to: { path: ADAPTER, pathNot: ['^$1/src/$2[^/]+$', '^(agent|collector)/src/trust/'], ...AT_RUN_TIME },
    },
    {
      name: 'native-modules-in-adapters',
      comment: 'A native module is loaded only by the adapter that is named for it.',
      severity: 'error',
      from: { path: '^(shared|agent|collector)/src/', pathNot: '/(sqlite|serialport|sodium|onoff)-[^/]+\\.ts$' },
      to: { path: NATIVE, ...AT_RUN_TIME },
    },
    {
      name: 'native-modules-load-late',
      comment: 'Native modules load with `await import()`, so that a program starts and explains itself where one is missing.',
      severity: 'error',
      from: { path: '^(shared|agent|collector)/src/', pathNot: '/(sqlite|sodium)-[^/]+\\.ts$' },
      to: { path: NATIVE, dynamic: false, ...AT_RUN_TIME },
    },
    {
      name: 'aggregates-are-derived',
      comment: 'Aggregates are made from what is stored, on a thread of their own; nothing that polls or stores knows them.',
      severity: 'error',
      from: { path: '^collector/src/(link|poll|verify|ledger|fleet|api)/' },
      to: { path: '^collector/src/aggregate/' },
    },
    ...AGENT_WALK,
    ...COLLECTOR_WALK,
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^(shared|agent|collector|scripts|test)/dist/.*\\.test\\.|^test/dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
