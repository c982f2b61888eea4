import { basename } from 'node:path';
import { FarolaError } from '@farola/shared';
import { setAside } from './fs-set-aside.js';
import type { EpochStart, Journal, SetAside } from './journal.js';
import { openSqliteJournal, type SqliteJournalOptions } from './sqlite-journal.js';
import { readPrevious } from './sqlite-previous.js';

/** What is done about a journal that cannot be gone on with. */
export interface BeginJournalDeps {
  /** Whether a person gave this identity up (`farola-agent enroll --abort`), so that its journal may be set aside. */
  readonly wasGivenUp: (lcuId: string) => boolean;
  /** Told what was wrong and where the file is now. */
  readonly onSetAside: (error: FarolaError, path: string) => void;
}

/**
 * Opens the journal and begins an epoch. A journal that does not agree with itself, or that of an identity that was
 * given up, is set aside, and a new one begun whose first entries say so.
 * @throws FarolaError `journal-foreign` for the journal of another LCU and `store-newer` for that of a newer version,
 * which stay as they are; `already-running`, `disk-failure`, `permission-denied`
 */
export async function beginJournal(options: SqliteJournalOptions, start: EpochStart, deps: BeginJournalDeps): Promise<Journal> {
  try {
    return await begin(options, start);
  } catch (error) {
    if (!(error instanceof FarolaError) || !mayBeSetAside(error, deps)) throw error;
    const aside = await setAside(options.path, options.clock.now().wallMs);
    deps.onSetAside(error, aside);
    return begin(options, start, { name: basename(aside), previous: await readPrevious(aside, options.lcuId) });
  }
}

function mayBeSetAside({ code, facts }: FarolaError, { wasGivenUp }: BeginJournalDeps): boolean {
  return code === 'journal-corrupt' || (code === 'journal-foreign' && wasGivenUp(String(facts['owner'])));
}

async function begin(options: SqliteJournalOptions, start: EpochStart, aside?: SetAside): Promise<Journal> {
  const journal = await openSqliteJournal(options);
  try {
    journal.beginEpoch(start, aside);
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}
