import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { fsPushedStore } from '../config/fs-pushed-store.js';
import type { OnTrial } from '../config/pushed-config.js';
import { JOURNAL_FILE } from '../journal/journal.js';
import { type JournalStatus, readJournalStatus } from '../journal/sqlite-journal-status.js';
import { isLocked } from '../journal/sqlite-lock.js';
import { readRunning, type Running } from '../status/fs-run-status.js';
import { linuxStorage, type Storage } from '../status/linux-storage.js';
import { fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import type { Enrolment } from '../trust/identity.js';
import type { FoundFolders } from './folders.js';

/** Parts of a status that are read one by one. */
export type StatusPart = 'enrolment' | 'agent' | 'configTrial' | 'journal';

/** Why a part could not be read. */
export interface PartProblem {
  readonly about: StatusPart;
  readonly error: FarolaError;
}

/**
 * How the agent is. `elsewhere`: the journal is held, and who holds it tells of itself in another run folder; `not-known`: what would
 * tell cannot be read, or may lie elsewhere.
 */
export type AgentState = 'running' | 'hung' | 'starting' | 'other-version' | 'elsewhere' | 'not-running' | 'not-known';

/** What is known of an LCU on the LCU; undefined what is not there, or cannot be read. */
export interface FoundStatus {
  readonly folders: FoundFolders;
  readonly enrolment: Enrolment | undefined;
  readonly agentState: AgentState;
  readonly running: Running | undefined;
  /** What the collector set and is on trial. */
  readonly trial: OnTrial | null;
  readonly journal: JournalStatus | undefined;
  readonly storage: Storage;
  /** What could not be read. */
  readonly unread: readonly PartProblem[];
}

/**
 * Finds out how this LCU is, whether its agent runs or not. What cannot be read takes nothing else with it.
 * @param monoMs the time now, CLOCK_MONOTONIC
 */
export async function findStatus(folders: FoundFolders, monoMs: number): Promise<FoundStatus> {
  const { stateDir, runDir } = folders;
  const path = join(stateDir, JOURNAL_FILE);
  const unread: PartProblem[] = [];
  const read = async <T>(about: StatusPart, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      unread.push({ about, error });
      return undefined;
    }
  };
  const enrolment = await read('enrolment', () => fsEnrolmentStore(stateDir).load());
  const running = await read('agent', () => readRunning(runDir, monoMs));
  const pushed = await read('configTrial', () => fsPushedStore(stateDir).load());
  const journal = await read('journal', () => readJournalStatus(path));
  const isRunUnread = unread.some(({ about }) => about === 'agent');
  const agentState = running ? stateOf(running) : unseenState(await isLocked(path), folders, isRunUnread);
  const storage = linuxStorage(stateDir);
  return { folders, enrolment, agentState, running, trial: pushed?.trial ?? null, journal, storage, unread };
}

function stateOf(running: Running): AgentState {
  if ('foreign' in running) return 'other-version';
  if ('starting' in running) return 'starting';
  return running.liveness.hung === undefined ? 'running' : 'hung';
}

/** Of an agent that tells nothing of itself where it was looked for. */
function unseenState(isHeld: boolean | undefined, { source }: FoundFolders, isRunUnread: boolean): AgentState {
  if (isHeld) return isRunUnread ? 'running' : 'elsewhere';
  return isHeld === undefined || isRunUnread || source === 'guess' ? 'not-known' : 'not-running';
}
