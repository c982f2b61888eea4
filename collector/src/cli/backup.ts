import { readFile } from 'node:fs/promises';
import { codeOf, counted, FarolaError, isoTime, readTar, systemClock, writeTar } from '@farola/shared';
import { parseDocument } from 'yaml';
import { inputFailure } from '../store/access-failure.js';
import { isThere } from '../store/is-there.js';
import { type BackupKey, type BackupLock, lockBackup, unlockBackup } from '../backup/age-lock.js';
import { BACKUP_NAMES, checkBackup, type Harmed, placeBackup, readForBackup } from '../backup/fs-backup.js';
import { noteBackup } from '../backup/fs-backup-note.js';
import type { CollectorConfig } from '../config.js';
import { claimFolder } from '../ledger/sqlite-writer-lock.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import { receiptsOf } from '../fleet/known-receipts.js';
import { loadCollectorConfig, parseCollectorConfig } from '../config/fs-config.js';
import { type StatePaths, statePaths } from '../config/state-paths.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import { SECRET } from '../trust/fs-key-file.js';
import { readRootKey } from '../trust/fs-rotation.js';
import { lostMonths } from '../proof/lost-months.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { asOwnerOf } from './as-owner.js';
import { type CommandOptions, say } from './command-options.js';
import { listenAt } from './listen-at.js';
import { openState } from './open-store.js';
import { openSqliteUptime } from '../uptime/sqlite-uptime.js';
import { orThrow } from './release.js';
import { checkOutput, writeOutput } from './write-output.js';

/** Options of `keys backup`. */
export interface BackupOptions extends CommandOptions {
  readonly passphraseFile?: string;
  readonly recipient: readonly string[];
  /** File of the root key, to be taken in. */
  readonly withRoot?: string;
}

/** Options of `keys restore`. */
export interface RestoreOptions extends CommandOptions {
  readonly passphraseFile?: string;
  readonly identityFile?: string;
  readonly stateDir?: string;
  readonly runDir?: string;
  readonly listen?: string;
}

/** Codes of a file of the fleet that cannot be opened, and may be copied all the same. */
const HARMED: ReadonlySet<string> = new Set(['ledger-corrupt', 'disk-failure']);
/** A passphrase that is guessed by machines, whatever scrypt costs, is shorter. */
const PASSPHRASE_LENGTH = 12;

/**
 * Writes an encrypted backup of keys, fleet, uptime, seals and configuration, while the collector runs or not. The file appears whole or not
 * at all. What is damaged and can be begun anew does not stop it, and is told. Errors: `usage`, `output-exists`, `root-key-foreign`, `permission-denied`, `disk-failure`.
 */
export async function backupCommand(path: string, options: BackupOptions): Promise<void> {
  const lock = await lockOf(options);
  checkOutput(path);
  const config = await loadCollectorConfig(options.config);
  const { stateDir } = config;
  const paths = statePaths(config);
  const given = { config: await readBytes(options.config), root: await rootOf(options, paths) };
  const { files, harmed } = await asOwnerOf(stateDir, async () => {
    await loadCollectorKeys(paths.keys, config.collectorId);
    await openOnce(config);
    return readForBackup(paths, given);
  });
  const { wallMs } = systemClock().now();
  const file = await lockBackup(writeTar(files, wallMs), lock);
  await writeOutput(path, file, SECRET);
  await asOwnerOf(stateDir, () => tellHarmed(stateDir, { at: isoTime(wallMs), harmed }, options.note ?? options.out));
  const root = options.withRoot === undefined ? 'without the root key' : 'with the root key';
  const lacks = harmed.map(({ name, taken, why: { code } }) => ({ file: name, included: taken, code }));
  const held = WORDS.filter(([name]) => files.some((one) => one.name === name)).map(([, word]) => word);
  say(
    options,
    { path, collectorId: config.collectorId, bytes: file.length, withRoot: options.withRoot !== undefined, lacks },
    `${path}: ${inWords(['keys', ...held, 'configuration'])} of ${config.collectorId}, ${root}, ${file.length} bytes`,
    'The ledger is not in it: copy its files as docs/keys.md says.',
  );
}

/** Makes the fleet's file where there is none yet, and brings an older one up; a damaged one is no reason to lose the keys. */
async function openOnce(config: CollectorConfig): Promise<void> {
  try {
    (await openState(config)).close();
  } catch (error) {
    const isThereHarmed = HARMED.has(codeOf(error)) && isThere(statePaths(config).state);
    if (!isThereHarmed) throw error;
  }
}

/** The file of the root key, where it is asked for. */
async function rootOf({ withRoot }: BackupOptions, { keys }: StatePaths): Promise<Uint8Array | undefined> {
  if (withRoot === undefined) return undefined;
  await readRootKey(keys, withRoot);
  return readBytes(withRoot);
}

/** What beside keys and configuration a backup may have, by what people call it. */
const WORDS: readonly (readonly [string, string])[] = [
  [BACKUP_NAMES.state, 'fleet'],
  [BACKUP_NAMES.uptime, 'uptime'],
  [BACKUP_NAMES.proof, 'seals'],
];

function inWords(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

interface MadeBackup {
  readonly at: string;
  readonly harmed: readonly Harmed[];
}

/** Who made the backup is told now, who looks at the collector until there is one that lacks nothing. */
async function tellHarmed(stateDir: string, { at, harmed }: MadeBackup, note: (line: string) => void): Promise<void> {
  for (const { name, taken, why } of harmed)
    note(`warning: ${name} is ${taken ? 'in the backup, as damaged as it is' : 'not in the backup'}: ${why.message}`);
  await noteBackup(stateDir, { at, harmed: harmed.map(({ name }) => name) }).catch((error: unknown) => {
    if (!(error instanceof FarolaError)) throw error;
    note(`warning: \`status\` will not know of this backup: ${error.message}`);
  });
}

/**
 * Puts a backup into place on a new server: no configuration and nothing in the state folder may be there. Errors: `usage`,
 * `backup-locked`, `backup-malformed`, `backup-harmed`, `config-invalid`, `key-file-invalid`, `already-initialised`, `not-empty`,
 * `already-running`, `permission-denied`, `disk-failure`.
 */
export async function restoreCommand(path: string, options: RestoreOptions): Promise<void> {
  const archive = await unlockBackup(await readBytes(path), await keyOf(options), path);
  const files = orThrow(checkBackup(orThrow(readTar(archive, path)), path));
  const text = Buffer.from(files.find(({ name }) => name === BACKUP_NAMES.config)?.content ?? []).toString();
  const changed = changedConfig(text, options);
  const config = parseCollectorConfig(changed, BACKUP_NAMES.config);
  const { collectorId, stateDir } = config;
  let lcus = 0;
  let months: readonly string[] = [];
  const place = { configPath: options.config, config: changed, stateDir, paths: statePaths(config), claim: claimFolder };
  await placeBackup(files, place, async (keys, statePath, { uptime, proof }) => {
    await loadCollectorKeys(keys, collectorId);
    const state = await openSqliteState({ path: statePath }).catch((error: unknown) => {
      if (codeOf(error) !== 'ledger-corrupt') throw error;
      throw new FarolaError('backup-harmed', { path, file: BACKUP_NAMES.state }, { cause: error });
    });
    lcus = state.fleet.list().length;
    months = lostMonths(receiptsOf(state), NO_FILES, { seals: [] }).map(({ month }) => month);
    state.close();
    if (uptime !== undefined) (await openSqliteUptime({ path: uptime })).close();
    if (proof !== undefined) (await openSqliteProofBook(proof)).close();
  });
  say(
    options,
    { collectorId, lcuCount: lcus, configPath: options.config, stateDir, missingMonths: months },
    ...restoredText(config, options.config, { lcus, months }),
  );
}

/** The ledger of a server that was just restored. */
const NO_FILES: Parameters<typeof lostMonths>[1] = {
  list: () => [],
  open: (month) => {
    throw new RangeError(`there is no file of ${month}`);
  },
};

function restoredText(
  { collectorId, publicAddress, stateDir }: CollectorConfig,
  configPath: string,
  { lcus, months }: { readonly lcus: number; readonly months: readonly string[] },
): string[] {
  return [
    `collector ${collectorId} is restored, with ${counted(lcus, 'LCU')}`,
    `  configuration  ${configPath}`,
    `  state          ${stateDir}`,
    `LCUs dial ${publicAddress}: see that this leads here. Put files of the ledger into place before the first start, if there are any.`,
    ...(months.length === 0
      ? []
      : [
          `The ledger is not in a backup: answers are known of ${months.join(', ')}, maybe of months before, and none is here. Until their files are in place, or LCUs have delivered again what they still hold, readings and bills lack them.`,
        ]),
    'What was decided since the backup is undone, revocations and release keys too: docs/keys.md says how to see that.',
    'If keys were rotated after the backup, its log says `keys-behind`, or LCUs stay away: docs/keys.md says what to do.',
  ];
}

function changedConfig(text: string, { stateDir, runDir, listen }: RestoreOptions): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  if (stateDir !== undefined) document.set('stateDir', stateDir);
  if (runDir !== undefined) document.set('runDir', runDir);
  if (listen !== undefined) {
    const { host, port } = listenAt(listen);
    document.setIn(['listen', 'host'], host);
    document.setIn(['listen', 'port'], port);
  }
  return document.toString();
}

async function lockOf({ passphraseFile, recipient }: BackupOptions): Promise<BackupLock> {
  if ((passphraseFile === undefined) === (recipient.length === 0)) {
    throw new FarolaError('usage', { reason: 'say either --passphrase-file or --recipient' });
  }
  if (passphraseFile === undefined) return { recipients: recipient };
  const passphrase = await readLine(passphraseFile);
  if (passphrase.length >= PASSPHRASE_LENGTH) return { passphrase };
  throw new FarolaError('usage', { reason: `the passphrase in ${passphraseFile} has less than ${PASSPHRASE_LENGTH} characters` });
}

async function keyOf({ passphraseFile, identityFile }: RestoreOptions): Promise<BackupKey> {
  if (passphraseFile !== undefined && identityFile === undefined) return { passphrase: await readLine(passphraseFile) };
  if (identityFile !== undefined && passphraseFile === undefined) return { identity: await readLine(identityFile) };
  throw new FarolaError('usage', { reason: 'say either --passphrase-file or --identity-file' });
}

/** The first line that is no comment: age-keygen writes some above an identity. */
async function readLine(path: string): Promise<string> {
  const lines = Buffer.from(await readBytes(path))
    .toString()
    .split(/\r?\n/);
  return lines.find((line) => line !== '' && !line.startsWith('# ')) ?? '';
}

async function readBytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(
    await readFile(path).catch((error: unknown) => {
      throw inputFailure(error, path);
    }),
  );
}
