import type { Database } from 'better-sqlite3';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { openStoreFile, readStoreFile } from '../store/store-file.js';
import type { DerivedState } from './derived-state.js';
import type { Fleet } from './fleet.js';
import type { Panels } from './panels.js';
import type { AgeLosses } from './age-losses.js';
import { SqliteAgeLosses } from './sqlite-age-losses.js';
import { SqliteCommandsBook } from './sqlite-commands-book.js';
import { SqliteDerived } from './sqlite-derived.js';
import type { Platforms } from './platforms.js';
import type { Releases } from './releases.js';
import type { CommandsBook } from './commands-book.js';
import type { KeysBook } from './keys-book.js';
import { SqliteFleet } from './sqlite-fleet.js';
import { SqlitePlatforms } from './sqlite-platforms.js';
import { SqlitePanels } from './sqlite-panels.js';
import { SqliteKeysBook } from './sqlite-keys-book.js';
import { SqliteReleases } from './sqlite-releases.js';
import { STATE_SCHEMA } from './sqlite-state-schema.js';

/** Where the state is. */
export interface SqliteStateOptions {
  /** The file `state.db`; made when it is not there. */
  readonly path: string;
  /** How long a lock of another process is waited for, ms; 5000 when not told. */
  readonly busyMs?: number;
  /** Opens a file that is there for reading alone, as on a disk that takes no writes: what changes it then throws. */
  readonly readOnly?: boolean;
  /** See ReadingOptions. */
  readonly onCopy?: ReadingOptions['onCopy'];
  /** See StoreFileOptions. */
  readonly mayUpgrade?: boolean;
}

/** Fleet, releases, platforms, what LCUs know of our keys and are ordered, and derived state, in one file. */
export interface SqliteState {
  readonly fleet: Fleet;
  readonly derived: DerivedState;
  readonly releases: Releases;
  readonly platforms: Platforms;
  readonly panels: Panels;
  readonly keysBook: KeysBook;
  readonly commands: CommandsBook;
  readonly ageLosses: AgeLosses;
  close(): void;
}

/** How long a lock of another process is waited for, ms. */
const BUSY_MS = 5_000;
/** Pages of the write-ahead log before it is copied into the file: the same pages change with every round. */
const CHECKPOINT_PAGES = 4000;

/** Opens the state; any number of processes at once. Codes as `openStoreFile`. */
export async function openSqliteState({ path, busyMs = BUSY_MS, readOnly, ...how }: SqliteStateOptions): Promise<SqliteState> {
  const { default: Sqlite } = await import('better-sqlite3');
  const options = { schema: STATE_SCHEMA, busyMs, checkpointPages: CHECKPOINT_PAGES, ...how };
  return readOnly ? readStoreFile(Sqlite, path, options, stateOf) : openStoreFile(Sqlite, path, options, stateOf);
}

function stateOf(db: Database): SqliteState {
  return {
    fleet: new SqliteFleet(db),
    derived: new SqliteDerived(db),
    releases: new SqliteReleases(db),
    platforms: new SqlitePlatforms(db),
    panels: new SqlitePanels(db),
    keysBook: new SqliteKeysBook(db),
    commands: new SqliteCommandsBook(db),
    ageLosses: new SqliteAgeLosses(db),
    close: () => db.close(),
  };
}
