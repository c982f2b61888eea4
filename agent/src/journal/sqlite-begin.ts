import { FarolaError } from '@farola/shared';
import { setAside } from './fs-set-aside.js';
import type { EpochStart, Journal } from './journal.js';
import { openSqliteJournal, type SqliteJournalOptions } from './sqlite-journal.js';

/**
 * Opens the journal and begins an epoch. A journal that does not agree with itself is set aside, and a new one begun.
 * @param onSetAside told what was wrong and where the file is now
 * @throws FarolaError `already-running`, `disk-failure`, `permission-denied`
 */
export async function beginJournal(
  options: SqliteJournalOptions,
  start: EpochStart,
  onSetAside: (error: FarolaError, path: string) => void,
): Promise<Journal> {
  try {
    return await begin(options, start);
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'journal-corrupt') throw error;
    onSetAside(error, await setAside(options.path, options.clock.now().wallMs));
    return begin(options, start);
  }
}

async function begin(options: SqliteJournalOptions, start: EpochStart): Promise<Journal> {
  const journal = await openSqliteJournal(options);
  try {
    journal.beginEpoch(start);
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}
