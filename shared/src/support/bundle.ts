import { type ArchivedFile, writeTar } from '../archive/tar.js';
import { isoTime } from '../iso-time.js';
import { FarolaError } from '../errors.js';

/** One part of a support bundle: a file of JSON, or of text. */
export interface BundlePart {
  /** Name of the file, such as `status.json`. */
  readonly name: string;
  /** What stands in it. What it throws, or the reason that is given, is told in the place of the part. */
  readonly make: () => unknown;
}

/** Whose bundle it is. */
export interface BundleOf {
  readonly program: string;
  readonly version: string;
  /** Wall time, ms since 1970 UTC. */
  readonly atMs: number;
}

/** What `index.json` tells of a part. */
export interface PartOutcome {
  readonly name: string;
  /** Size; null when it is missing. */
  readonly bytes: number | null;
  /** Code of why it is missing; null when it is there. */
  readonly missing: string | null;
  readonly hint: string | null;
}

/** A bundle, and what is in it. */
export interface SupportBundle {
  readonly tar: Uint8Array;
  readonly parts: readonly PartOutcome[];
}

/** Folder in the archive. */
const FOLDER = 'farola-support';
const MODE = 0o600;

/**
 * Makes a support bundle: a tar of the parts and of `index.json`, which names every part, and why one is missing. A part that fails
 * takes no other with it.
 */
export async function makeBundle({ program, version, atMs }: BundleOf, parts: readonly BundlePart[]): Promise<SupportBundle> {
  const files: ArchivedFile[] = [];
  const outcomes: PartOutcome[] = [];
  for (const { name, make } of parts) {
    try {
      const made = await make();
      const content = Buffer.from(typeof made === 'string' ? made : `${JSON.stringify(made, null, 2)}\n`);
      files.push({ name: `${FOLDER}/${name}`, mode: MODE, content });
      outcomes.push({ name, bytes: content.length, missing: null, hint: null });
    } catch (error) {
      outcomes.push({ name, bytes: null, ...whyMissing(error) });
    }
  }
  const index = { program, version, at: isoTime(atMs), parts: outcomes };
  files.unshift({ name: `${FOLDER}/index.json`, mode: MODE, content: Buffer.from(`${JSON.stringify(index, null, 2)}\n`) });
  return { tar: writeTar(files, atMs), parts: outcomes };
}

/** By its code alone: messages repeat values, and a broken configuration may hold anything. */
function whyMissing(error: unknown): { missing: string; hint: string | null } {
  if (error instanceof FarolaError) return { missing: error.code, hint: `docs/errors.md: ${error.code}` };
  return { missing: `internal: ${error instanceof Error ? error.name : typeof error}`, hint: null };
}
