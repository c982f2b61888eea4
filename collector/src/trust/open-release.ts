import {
  contentTypeOf,
  type CutOut,
  cutItems,
  cutSigned,
  kidOf,
  MalformedCbor,
  parseMessage,
  protectedHeader,
  refuse,
  RELEASE,
  type Release,
  RELEASE_SIGNATURES,
  type Result,
  sameBytes,
  toBeSigned,
  type Verify,
} from '@farola/shared';

/** The release keys that this collector trusts, and how many of them must have signed. */
export interface ReleaseTrust {
  /** Public keys, 32 bytes each, none twice. */
  readonly keys: readonly Uint8Array[];
  readonly threshold: number;
}

/**
 * Opens a release file: a CBOR array of COSE_Sign1 over one payload, signed by enough of the trusted keys. A key counts once,
 * one that is not trusted counts for nothing. Codes: `release-malformed`, `release-untrusted`, `signature-invalid`, and
 * those of the parse.
 */
export function openRelease(file: Uint8Array, { keys, threshold }: ReleaseTrust, verify: Verify): Result<Release> {
  const parts = cutRelease(file);
  if (!parts.ok) return parts;
  const contentType = contentTypeOf(RELEASE);
  const signers = new Set<Uint8Array>();
  for (const { protectedHeader: header, payload, signature } of parts.value) {
    const key = keys.find((one) => sameBytes(header, protectedHeader(contentType, kidOf(one))));
    if (!key) continue;
    if (!verify(key, toBeSigned(header, payload), signature)) return refuse('signature-invalid', { kind: 'release' });
    signers.add(key);
  }
  if (signers.size < threshold) return refuse('release-untrusted', { signatures: signers.size, threshold });
  return readRelease(file);
}

/** Reads what a release file says, whoever signed it: for one that was opened when it came in. Codes as `openRelease`. */
export function readRelease(file: Uint8Array): Result<Release> {
  const parts = cutRelease(file);
  if (!parts.ok) return parts;
  return parseMessage(RELEASE, (parts.value[0] as CutOut).payload);
}

/** The signatures of a release file, at least one, all over the same payload. Codes: `release-malformed`. */
export function cutRelease(file: Uint8Array): Result<readonly CutOut[]> {
  const items = itemsOf(file);
  if (typeof items === 'string') return refuse('release-malformed', { reason: items });
  const parts: CutOut[] = [];
  for (const item of items) {
    const cut = cutSigned(item);
    if (!cut.ok) return refuse('release-malformed', { reason: String(cut.facts['reason']) });
    parts.push(cut.value);
  }
  const [first, ...others] = parts;
  if (!first || parts.length > RELEASE_SIGNATURES) return refuse('release-malformed', { reason: `${parts.length} signatures` });
  if (others.every(({ payload }) => sameBytes(payload, first.payload))) return { ok: true, value: parts };
  return refuse('release-malformed', { reason: 'its signatures are not over the same statement' });
}

function itemsOf(file: Uint8Array): readonly Uint8Array[] | string {
  try {
    return cutItems(file).items;
  } catch (error) {
    if (error instanceof MalformedCbor) return error.message;
    throw error;
  }
}
