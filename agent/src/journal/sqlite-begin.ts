import { basename, dirname } from 'node:path';
import { FarolaError, type FilePlace, placeOf, type PreviousEpoch, whyNotBack } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';
import { fsDiskRoom } from './fs-disk-room.js';
import { moveInto, setAside } from './fs-set-aside.js';
import type { EpochStart, Journal, SetAside } from './journal.js';
import { LastingJournal } from './lasting-journal.js';
import type { ResumableJournal, SqliteJournalOptions } from './sqlite-journal.js';
import { openSqliteJournalWith } from './sqlite-open.js';
import { readPrevious } from './sqlite-previous.js';
import { salvage } from './sqlite-salvage.js';

/** What is done about a journal that cannot be gone on with. */
export interface BeginJournalDeps {
  /** Whether a person gave this identity up (`farola-agent enroll --abort`), so that its journal may be set aside. */
  readonly wasGivenUp: (lcuId: string) => boolean;
  /** Told what was wrong, where the file is now, and how many of its entries were taken over. */
  readonly onSetAside: (error: FarolaError, path: string, takenOver: number) => void;
}

/**
 * Opens the journal and begins an epoch. A journal that does not agree with itself, now or later, is set aside for
 * another with what can be read of it; that of an identity that was given up, for an empty one. The first entries of the
 * epoch that is then begun say so.
 * @throws FarolaError `journal-foreign` for the journal of another LCU and `store-newer` for that of a newer version,
 * which stay as they are; `already-running`, `disk-failure`, `permission-denied`
 */
export async function beginJournal(options: SqliteJournalOptions, start: EpochStart, deps: BeginJournalDeps): Promise<Journal> {
  const { default: Database } = await import('better-sqlite3');
  const { path } = options;
  let place: FilePlace | undefined;
  const opened = (journal: Journal): Journal => {
    place = placeOf(path);
    return journal;
  };
  const successor = {
    prepare: (error: unknown, end?: PreviousEpoch) => replace(Database, options, deps, error as FarolaError, end),
    begin: (aside?: SetAside) => opened(begin(Database, options, start, aside)),
    isInPlace: () => placeOf(path)?.at === place?.at,
    reopen(end: PreviousEpoch) {
      const reason = place && whyNotBack(path, place);
      if (reason !== undefined) throw new FarolaError('disk-failure', { path, reason });
      return opened(reopen(Database, options, start, end));
    },
  };
  return new LastingJournal(first(), successor);

  function first(): Journal {
    try {
      return successor.begin();
    } catch (error) {
      if (!(error instanceof FarolaError) || !mayBeSetAside(error, deps)) throw error;
      return successor.begin(successor.prepare(error));
    }
  }
}

function mayBeSetAside({ code, facts }: FarolaError, { wasGivenUp }: BeginJournalDeps): boolean {
  return code === 'journal-corrupt' || (code === 'journal-foreign' && wasGivenUp(String(facts['owner'])));
}

/** Sets the journal aside; the copy of what can be read is whole before the file gives up its place. */
function replace(
  Database: typeof BetterSqlite3,
  options: SqliteJournalOptions,
  deps: BeginJournalDeps,
  error: FarolaError,
  end: PreviousEpoch | undefined,
): SetAside {
  const { path, lcuId, clock } = options;
  const copy = `${path}.salvaged`;
  const lookAtDisk = fsDiskRoom(dirname(path));
  const takenOver = salvage(Database, path, copy, { lcuId, end, lookAtDisk });
  const previous = end ?? readPrevious(Database, path, lcuId);
  const aside = setAside(path, clock.now().wallMs);
  if (takenOver !== undefined) moveInto(copy, path);
  deps.onSetAside(error, aside, takenOver ?? 0);
  return { name: basename(aside), previous };
}

function begin(Database: typeof BetterSqlite3, options: SqliteJournalOptions, start: EpochStart, aside?: SetAside): Journal {
  return ready(openSqliteJournalWith(Database, options), (journal) => journal.beginEpoch(start, aside));
}

function reopen(Database: typeof BetterSqlite3, options: SqliteJournalOptions, start: EpochStart, end: PreviousEpoch): Journal {
  return ready(openSqliteJournalWith(Database, options), (journal) => {
    if (!journal.resume(end)) journal.beginEpoch(start);
  });
}

function ready(journal: ResumableJournal, make: (journal: ResumableJournal) => void): Journal {
  try {
    make(journal);
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}
