import { join } from 'node:path';
import { FarolaError, pause, systemRandom, systemTimers } from '@farola/shared';
import { type EpochStart, type Journal, JOURNAL_FILE } from '../journal/journal.js';
import { beginJournal } from '../journal/sqlite-begin.js';
import { isToldByAnother } from '../status/fs-publish-status.js';
import type { StartingRun } from '../status/run-status.js';
import { loadGivenUp } from '../trust/fs-given-up.js';
import type { Base } from './link.js';

const MB = 1_000_000;
/** How often a disk that fails at the start is tried again, ms. */
const DISK_LOOK_MS = 10_000;
/** Time that a start on such a disk asks for, from each try on, ms. */
const MORE_TIME_MS = 60_000;

/**
 * Opens the journal; waits for a disk that is full or cannot be written, and tells meanwhile that it does. undefined when it was told to
 * stop before. @throws FarolaError as `beginJournal`
 */
export async function openJournalWhenItCan(base: Base, start: EpochStart, signal: AbortSignal): Promise<Journal | undefined> {
  const { clock, config, log, publish, self, service } = base;
  const startedMs = clock.now().wallMs;
  const tell = (starting: StartingRun['starting']): void => {
    if (!isToldByAnother(config.runDir, self.pid)) publish({ ...self, startedMs, starting });
  };
  tell({ code: null, reason: null });
  let told = false;
  while (!signal.aborted) {
    try {
      return await openJournal(base, start);
    } catch (error) {
      if (!(error instanceof FarolaError) || error.code !== 'disk-failure') throw error;
      if (!told) log.fail(error.code, error.facts);
      told = true;
      tell({ code: error.code, reason: error.message });
      service.tell({ moreTimeMs: MORE_TIME_MS, status: 'waits for a disk that can be written' });
    }
    await pause(systemTimers, DISK_LOOK_MS, signal);
  }
  return undefined;
}

async function openJournal({ config, identity, clock, log }: Base, start: EpochStart): Promise<Journal> {
  const path = join(config.stateDir, JOURNAL_FILE);
  const { lcuId } = identity.enrolment;
  const givenUp = await loadGivenUp(config.stateDir);
  const options = { path, lcuId, maxBytes: config.journal.maxMb * MB, clock, random: systemRandom };
  return beginJournal(options, start, {
    wasGivenUp: (owner) => givenUp.includes(owner),
    onSetAside: (error, aside, takenOver) => {
      log.fail(error.code, error.facts);
      log.info({ path: aside, takenOver }, 'journal set aside, another one is begun with what could be read');
    },
  });
}
