import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { readJournalOwner } from '../journal/sqlite-journal-owner.js';
import { lockExisting } from '../journal/sqlite-lock.js';
import { JOURNAL_FILE } from '../journal/journal.js';
import { removeDurably } from '../trust/fs-durable-file.js';
import { ENROLMENT_FILE, fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import { rememberGivenUp } from '../trust/fs-given-up.js';
import { hasKeyFile, KEY_FILE } from '../trust/fs-key-store.js';
import type { Enrolment } from '../trust/identity.js';
import type { CliIo } from './cli-io.js';
import { unlessUnreadable } from './found-identity.js';
import { type FolderOptions, foldersOf } from './folders.js';
import { nameOptions } from './name-options.js';
import { say } from './say.js';

/** What `farola-agent enroll --abort` is asked. */
export interface EnrollAbortOptions extends FolderOptions {
  /** Without this the LCU's name is asked for on the terminal. */
  readonly yes?: boolean | undefined;
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/**
 * Gives up the identity of this LCU, after showing which it is: removes enrolment and key, so that it can be enrolled
 * anew. The journal is not touched. Enrolled under the same name again, the LCU goes on with it, signed by the new key;
 * under another name, the next run sets it aside and begins a new one.
 * @throws FarolaError `not-enrolled`, `already-running` while the agent runs, `usage` when it is not confirmed,
 * `state-file-invalid`, `permission-denied`, `disk-failure`
 */
export async function abortEnrolment(options: EnrollAbortOptions, io: CliIo): Promise<void> {
  const { stateDir } = await foldersOf(options);
  const { enrolment, damage, lcuId } = await findGivenUp(stateDir);
  if (!enrolment && !damage && !(await hasKeyFile(stateDir))) throw new FarolaError('not-enrolled');
  const lock = await lockExisting(join(stateDir, JOURNAL_FILE));
  try {
    if (!options.json) for (const line of identityPage({ enrolment, damage, lcuId }, stateDir)) io.out(line);
    if (!options.yes) await confirm(lcuId ?? 'key', io);
    if (lcuId !== null) await rememberGivenUp(stateDir, lcuId);
    await removeDurably(join(stateDir, ENROLMENT_FILE));
    await removeDurably(join(stateDir, KEY_FILE));
  } finally {
    lock?.release();
  }
  const said = { out: (line: string) => io.out(line), json: options.json };
  const next = nameOptions('Given up. `farola-agent enroll` takes a new token of the operator.', options);
  say(said, { lcuId, givenUp: true }, next);
}

/** What is there to be given up. */
interface GivenUp {
  readonly enrolment: Enrolment | undefined;
  /** Why the enrolment cannot be read; undefined where it can, or where there is none. */
  readonly damage: FarolaError | undefined;
  /** By the enrolment; where that is damaged, by the journal. */
  readonly lcuId: string | null;
}

async function findGivenUp(stateDir: string): Promise<GivenUp> {
  try {
    const enrolment = await fsEnrolmentStore(stateDir).load();
    return { enrolment, damage: undefined, lcuId: enrolment?.lcuId ?? null };
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'state-file-invalid') throw error;
    const owner = await readJournalOwner(join(stateDir, JOURNAL_FILE)).catch(unlessUnreadable);
    return { enrolment: undefined, damage: error, lcuId: owner ?? null };
  }
}

function identityPage({ enrolment, damage, lcuId }: GivenUp, stateDir: string): string[] {
  if (damage) {
    const whose = lcuId === null ? 'whose it is cannot be told' : `the journal beside it is that of ${lcuId}, and stays`;
    return [`The enrolment is damaged: ${damage.message}; ${whose}.`, 'It is removed for good, and its key.'];
  }
  if (!enrolment) return [`${join(stateDir, KEY_FILE)}: a key that was never accepted by a collector.`];
  const { collectorId, address, words } = enrolment;
  return [
    `This LCU is ${enrolment.lcuId} at the collector ${collectorId}, ${address}.`,
    `Its words: ${words.join(' ')}`,
    'Its key is removed for good; the journal stays.',
  ];
}

async function confirm(name: string, io: CliIo): Promise<void> {
  if (!io.ask) throw new FarolaError('usage', { reason: 'nothing was changed: say --yes to give this identity up' });
  const typed = await io.ask(`Type ${name} to give it up: `);
  if (typed.trim() !== name) throw new FarolaError('usage', { reason: `nothing was changed: that was not ${name}` });
}
