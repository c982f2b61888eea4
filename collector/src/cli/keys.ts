import { counted, FarolaError, isoTime, jsonTime, sameBytes, systemClock, textTable, toHex } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { loadCollectorConfig } from '../config/fs-config.js';
import { goesByKeys } from '../fleet/keys-book.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { statementHash } from '../link/keys-in-force.js';
import { statePaths } from '../config/state-paths.js';
import { readStatements, type Statement } from '../trust/fs-key-files.js';
import { readRootKey, readRotation, ROTATABLE, type Rotatable, rotatedBy, rotateKeys, switchKeys } from '../trust/fs-rotation.js';
import { keyHistory } from '../trust/key-history.js';
import { hostOf } from '../trust/x509-authority.js';
import { checkInitialised } from './check-initialised.js';
import { type CommandOptions, say } from './command-options.js';
import { nameConfig } from './name-config.js';
import { withState } from './open-store.js';
import { parseUntil } from './parse-time.js';

/** Options of `keys rotate`. */
export interface RotateCommandOptions extends CommandOptions {
  /** File of the root key. */
  readonly root?: string;
  readonly until: string;
  readonly atOnce?: boolean;
  readonly switch?: boolean;
  readonly force?: boolean;
}

/** How far LCUs are with the newest statement. */
interface Uptake {
  readonly newest: Statement;
  /** Names of LCUs in use. */
  readonly taken: readonly string[];
  readonly missing: readonly string[];
  /** Those that go by a statement that this collector knows nothing of, and the highest sequence of these; 0 for none. */
  readonly ahead: readonly string[];
  readonly above: number;
}

/** Names that are shown of a long list. */
const NAMES_SHOWN = 20;

/** Lists every key, where it stands, and who has confirmed the newest statement. */
export async function listKeys(options: CommandOptions & { readonly json?: boolean }): Promise<void> {
  await withState(options.config, async (state, config) => {
    const folder = statePaths(config).keys;
    const statements = await readStatements(folder, config.collectorId);
    const { newest, taken, missing, ahead } = uptakeOf(statements, state, folder);
    const rotation = await readRotation(folder, config.collectorId);
    const records = keyHistory(
      statements.map(({ keys }) => keys),
      missing.length === 0,
    );
    const { sequence, issuedAt } = newest.keys;
    if (options.json) {
      const keys = records.map(({ what, sinceMs, ...record }) => ({ keyName: what, ...record, since: jsonTime(sinceMs) }));
      const lcuIds = { takenLcuIds: taken, missingLcuIds: missing, aheadLcuIds: ahead };
      const statement = { sequence, issuedAt: jsonTime(issuedAt), ...lcuIds };
      const open = rotation ? { keyNames: rotatedBy(newest.keys), until: jsonTime(rotation.untilMs) } : null;
      return options.out(JSON.stringify({ keys, statement, rotation: open }));
    }
    const columns = ['key', 'state', 'fingerprint', 'since'].map((title) => ({ title }));
    const rows = records.map(({ what, state: stands, fingerprint, sinceMs }) => [what, stands, fingerprint, isoTime(sinceMs)]);
    textTable(columns, rows).forEach(options.out);
    options.out(
      `statement ${sequence} of ${isoTime(issuedAt)}: ${taken.length} of ${counted(taken.length + missing.length, 'LCU goes by it', 'LCUs go by it')}`,
    );
    if (missing.length > 0) options.out(`not yet: ${namesOf(missing)}`);
    if (ahead.length > 0) options.out(`by one that is not known here: ${namesOf(ahead)}`);
    if (rotation) options.out(`The next keys are used when all go by it, or from ${isoTime(rotation.untilMs)} on.`);
  });
}

/**
 * Begins, or with `--switch` ends, a rotation; with `--at-once` it replaces keys with no overlap. A collector that runs goes on
 * with the keys within a second. Errors: `usage`, `root-key-foreign`, `rotation-open`, `rotation-none`, `rotation-not-taken`.
 */
export async function rotateCommand(what: readonly string[], options: RotateCommandOptions): Promise<void> {
  if (options.switch) {
    if (what.length > 0) throw new FarolaError('usage', { reason: '--switch ends the open rotation and takes no key' });
    return withState(options.config, (state, config) => switchCommand(state, config, options));
  }
  const asked = what.map(rotatable);
  if (asked.length === 0) throw new FarolaError('usage', { reason: `which key? ${ROTATABLE.join(', ')}` });
  if (options.root === undefined) throw new FarolaError('usage', { reason: '--root FILE is needed: the root key signs' });
  const clock = systemClock();
  const untilMs = options.atOnce ? undefined : parseUntil('--until', options.until, clock.now().wallMs);
  const paths = statePaths(await loadCollectorConfig(options.config));
  checkInitialised(paths);
  const root = await readRootKey(paths.keys, options.root);
  await withState(options.config, async (state, config) => {
    const folder = paths.keys;
    const { collectorId, publicAddress } = config;
    const { above } = uptakeOf(await readStatements(folder, collectorId), state, folder);
    const rotating = { collectorId, what: asked, root, host: hostOf(publicAddress), untilMs, above, clock };
    const { sequence } = await rotateKeys(folder, rotating);
    say(
      options,
      { sequence, keyNames: asked, until: jsonTime(untilMs ?? null) },
      `keys statement ${sequence}: ${asked.join(', ')} ${untilMs === undefined ? 'replaced' : 'to be replaced'}`,
      ...(untilMs === undefined ? AT_ONCE : overlapText(untilMs)).map((line) => nameConfig(line, options.config)),
    );
  });
}

const AT_ONCE = [
  'Every LCU loses its connection and comes back within a minute to fetch the new keys.',
  'Who has the old ones can still deceive an LCU that has not: `farola-collector keys list` names these.',
];

function overlapText(untilMs: number): readonly string[] {
  return [
    'Old and new keys are good until every LCU in use has confirmed the new ones; then the new ones alone are used.',
    `On ${isoTime(untilMs)} at the latest; an LCU that comes later fetches them. \`farola-collector keys list\` shows how far it is.`,
  ];
}

async function switchCommand(state: SqliteState, config: CollectorConfig, options: RotateCommandOptions): Promise<void> {
  const folder = statePaths(config).keys;
  const { missing } = uptakeOf(await readStatements(folder, config.collectorId), state, folder);
  if (!(await readRotation(folder, config.collectorId))) throw new FarolaError('rotation-none');
  if (missing.length > 0 && !options.force) {
    throw new FarolaError('rotation-not-taken', { count: missing.length, lcus: namesOf(missing) });
  }
  const { sequence } = await switchKeys(folder, config.collectorId);
  const behind = missing.length > 0 ? [`To be fetched yet by: ${namesOf(missing)}`] : [];
  say(options, { sequence, missingLcuIds: missing }, `keys statement ${sequence}: the new keys alone are used`, ...behind);
}

function uptakeOf(statements: readonly Statement[], { fleet, keysBook }: SqliteState, path: string): Uptake {
  const newest = statements.at(-1);
  if (!newest) throw new FarolaError('key-file-invalid', { path, reason: 'no keys statement is there' });
  const hashes = statements.map(({ signed }) => toHex(statementHash(signed)));
  const notes = new Map(keysBook.all().map((note) => [note.lcuNo, note]));
  const lcus = fleet.list().filter(goesByKeys);
  const isTaken = (lcuNo: number): boolean => {
    const note = notes.get(lcuNo);
    return note !== undefined && sameBytes(note.keysHash, statementHash(newest.signed));
  };
  const ahead = lcus.filter(({ lcuNo }) => {
    const note = notes.get(lcuNo);
    return note !== undefined && !hashes.includes(toHex(note.keysHash));
  });
  return {
    newest,
    taken: lcus.filter(({ lcuNo }) => isTaken(lcuNo)).map(({ lcuId }) => lcuId),
    missing: lcus.filter(({ lcuNo }) => !isTaken(lcuNo)).map(({ lcuId }) => lcuId),
    ahead: ahead.map(({ lcuId }) => lcuId),
    above: Math.max(0, ...ahead.map(({ lcuNo }) => notes.get(lcuNo)?.sequence ?? 0)),
  };
}

function rotatable(name: string): Rotatable {
  const found = ROTATABLE.find((one) => one === name);
  if (found) return found;
  throw new FarolaError('usage', { reason: `there is no key \`${name}\` to rotate; there are ${ROTATABLE.join(', ')}` });
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
