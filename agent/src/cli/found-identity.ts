import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { JOURNAL_FILE } from '../journal/journal.js';
import { readJournalOwner } from '../journal/sqlite-journal-owner.js';
import { fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import { loadGivenUp } from '../trust/fs-given-up.js';
import type { Enrolment } from '../trust/identity.js';

/** Whose a state folder is. */
export interface FoundIdentity {
  readonly enrolment: Enrolment | undefined;
  /** LCU whose journal is there and was not given up; undefined where there is none, or none that can be read. */
  readonly journalOf: string | undefined;
}

/** Looks whose a state folder is; nothing is changed. @throws FarolaError `state-file-invalid`, `permission-denied`, `disk-failure` */
export async function findIdentity(stateDir: string): Promise<FoundIdentity> {
  const enrolment = await fsEnrolmentStore(stateDir).load();
  const owner = await readJournalOwner(join(stateDir, JOURNAL_FILE)).catch(unlessUnreadable);
  const isGivenUp = owner !== undefined && (await loadGivenUp(stateDir)).includes(owner);
  return { enrolment, journalOf: isGivenUp ? undefined : owner };
}

/** Of a journal that cannot be read nothing is known: one that is damaged is dealt with by the run, which sets it aside. */
export function unlessUnreadable(error: unknown): undefined {
  if (!(error instanceof FarolaError)) throw error;
}

/**
 * Sees that nothing of another LCU lies where one is to be enrolled: its agent would not run there.
 * @throws FarolaError `journal-foreign`, those of `findIdentity`
 */
export async function refuseForeignJournal(stateDir: string, lcuId: string): Promise<void> {
  const { enrolment, journalOf } = await findIdentity(stateDir);
  if (enrolment || journalOf === undefined || journalOf === lcuId) return;
  throw new FarolaError('journal-foreign', { path: join(stateDir, JOURNAL_FILE), owner: journalOf, lcu: lcuId });
}
