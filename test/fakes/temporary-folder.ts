import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A new folder, removed when the test ends. */
export function temporaryFolder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
