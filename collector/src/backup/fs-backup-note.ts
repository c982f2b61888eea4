import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, FarolaError } from '@farola/shared';
import * as z from 'zod';
import { accessFailure } from '../store/access-failure.js';
import { PUBLIC, replaceFile } from '../trust/fs-key-file.js';

const FILE = 'last-backup.json';

const noteSchema = z.object({
  /** ISO 8601, UTC. */
  at: z.string(),
  /** Names of files that it lacks, or has damaged. */
  harmed: z.array(z.string()),
});

/** What the last backup lacks. */
export type BackupNote = z.output<typeof noteSchema>;

/** Keeps what the last backup lacks in the state folder, for who looks at the collector. Errors: `permission-denied`, `disk-failure`. */
export async function noteBackup(stateDir: string, note: BackupNote): Promise<void> {
  await replaceFile(join(stateDir, FILE), `${JSON.stringify(note)}\n`, PUBLIC);
}

/**
 * Says whether the last backup lacks something. A note that cannot be understood says nothing. Errors: `backup-incomplete`,
 * `permission-denied`, `disk-failure`.
 */
export function checkLastBackup(stateDir: string): void {
  const note = noteSchema.safeParse(readNote(join(stateDir, FILE)));
  if (!note.success || note.data.harmed.length === 0) return;
  throw new FarolaError('backup-incomplete', { at: note.data.at, files: note.data.harmed.join(', ') });
}

function readNote(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw accessFailure(error, path);
  }
}
