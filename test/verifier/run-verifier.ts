import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** Where the scripts are. */
export const FOLDER = fileURLToPath(new URL('../../verifier/', import.meta.url));

/** How a script ended, and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a script of this folder. */
export function python(script: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('/usr/bin/python3', [join(FOLDER, script), ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** A file with these bytes, removed at the end of the test. */
export function proofFile(t: ExecutionContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'farola-proof-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'proof'), bytes);
  return join(folder, 'proof');
}

/** What the verifier says of a proof. */
export function verdict(t: ExecutionContext, bytes: Uint8Array, ...args: string[]): Promise<Outcome> {
  return python('verify-proof.py', [...args, proofFile(t, bytes)]);
}
