import * as z from 'zod';
import { fromHex, toHex } from '../bytes.js';
import { FarolaError } from '../errors.js';
import { makeManifest, type Manifest } from './manifest.js';

const fileSchema = z.strictObject({
  path: z.string().min(1).max(4096),
  executable: z.boolean(),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifestSchema = z.strictObject({
  kind: z.enum(['code', 'platform']),
  root: z.string().regex(/^[0-9a-f]{64}$/),
  files: z.array(fileSchema).max(100_000),
});

/** A manifest as JSON carries it: hashes in hexadecimal. */
export type ManifestJson = z.output<typeof manifestSchema>;

/** A manifest as JSON can carry it. */
export function manifestToJson({ kind, root, files }: Manifest): ManifestJson {
  return { kind, root: toHex(root), files: files.map((file) => ({ ...file, sha256: toHex(file.sha256) })) };
}

/**
 * Reads a manifest and sees that its root is that of its files. Error: `manifest-invalid`.
 * @param path of the file, to show
 */
export function manifestFromJson(value: unknown, path: string): Manifest {
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FarolaError('manifest-invalid', { path, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
  }
  const { kind, root, files } = parsed.data;
  const manifest = readFiles(kind, files, path);
  if (toHex(manifest.root) === root) return manifest;
  throw new FarolaError('manifest-invalid', { path, reason: `its files have the root ${toHex(manifest.root)}` });
}

function readFiles(kind: ManifestJson['kind'], files: ManifestJson['files'], path: string): Manifest {
  try {
    return makeManifest(
      kind,
      files.map((file) => ({ ...file, sha256: fromHex(file.sha256) })),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FarolaError('manifest-invalid', { path, reason: error.message }, { cause: error });
  }
}
