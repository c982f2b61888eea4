import { join } from 'node:path';
import type { LookAtDisk } from '@farola/agent/journal/disk-room.js';
import type { EpochStart, Journal } from '@farola/agent/journal/journal.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { type Clock, type Instant, type Random, type SampleEntry, systemRandom } from '@farola/shared';
import { FakeTime } from './fake-time.js';

/** What every epoch of a test begins with. */
export const EPOCH_START: EpochStart = {
  boot: new Uint8Array(16).fill(7),
  codeHash: null,
  configHash: new Uint8Array(32).fill(1),
  agentVersion: '0.1.0',
  analysers: [],
};

/** How a journal of a test is opened. */
export interface TestJournalOptions {
  readonly maxBytes?: number;
  readonly random?: Random;
  readonly time?: Clock;
  readonly lcuId?: string;
  readonly lookAtDisk?: LookAtDisk;
}

/** A journal in the folder whose epoch has begun. */
export async function openTestJournal(folder: string, options: TestJournalOptions = {}): Promise<Journal> {
  const { maxBytes = 1e9, random = systemRandom, time = new FakeTime(), lcuId = 'malaga-0042', lookAtDisk } = options;
  const path = join(folder, 'journal.sqlite');
  const journal = await openSqliteJournal({ path, lcuId, maxBytes, clock: time, random, ...(lookAtDisk && { lookAtDisk }) });
  journal.beginEpoch(EPOCH_START);
  return journal;
}

const AT: Instant = { monoMs: 1_000_000, wallMs: 1_795_370_400_000, quality: 'synchronised' };

/** A sample of which the first value is `mark` and of about `values` times 5 bytes. */
export function sampleEntry(mark: number, values = 1, at: Instant = AT): SampleEntry {
  return {
    kind: 'sample',
    at,
    analyser: 0,
    spanMs: 120,
    status: 'complete',
    values: [mark, ...Array<number>(values - 1).fill(1_000_000)],
  };
}
