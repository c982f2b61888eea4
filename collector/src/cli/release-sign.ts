import { stat } from 'node:fs/promises';
import {
  contentTypeOf,
  cutItems,
  encodeItems,
  FarolaError,
  findInstalledTree,
  isoTime,
  jsonTime,
  LAST_EXPIRY_MS,
  measureTree,
  printable,
  PROTOCOL_VERSIONS,
  protectedHeader,
  RELEASE,
  type Release,
  RELEASE_SIGNATURES,
  RELEASE_STATE,
  sameBytes,
  seal,
  type Signer,
  signMessage,
  systemClock,
  toHex,
  TREE_MARK,
  counted,
} from '@farola/shared';
import { inputFailure } from '../store/access-failure.js';
import { nameOf } from '../fleet/release-book.js';
import { isRevocation, reasonOf } from '../fleet/release-rules.js';
import { cutRelease, readRelease } from '../trust/open-release.js';
import { newSigningKeyPem, PUBLIC, readNamedKey, readSigningKey, SECRET } from '../trust/fs-key-file.js';
import { sodiumSigner } from '../trust/sodium-signer.js';
import { type CommandOptions, say } from './command-options.js';
import { parseTime } from './parse-time.js';
import { orThrow, readReleaseFile } from './release.js';
import { writeOutput } from './write-output.js';

type Out = Pick<CommandOptions, 'out' | 'json'>;

/** Options of `release sign`. */
export interface SignOptions extends Out {
  /** File of the private release key. */
  readonly key: string;
  /** File to write. */
  readonly output: string;
  /** Until when it approves: needed for a tree; else as in the file that is signed anew. */
  readonly expires?: string;
  /** Number of a statement: 1 for a tree unless told; for a file it asks for a new statement. */
  readonly sequence?: string;
  readonly revoked?: boolean;
}

/** What to do where a file of a release key is not there, or is none. */
const RELEASE_KEY = {
  missing: '`farola-collector release key FILE` makes one',
  other: 'name the private key that `farola-collector release key FILE` made, not its public key or a release',
};

/** Makes a release key, for a medium that is kept offline. Errors: `output-exists`, `permission-denied`, `path-unusable`. */
export async function makeReleaseKey(path: string, options: Out): Promise<void> {
  await writeOutput(path, newSigningKeyPem(), SECRET);
  const { publicKey } = await sodiumSigner(await readSigningKey(path));
  say(
    options,
    { path, publicKey: toHex(publicKey) },
    `${path}: private release key; keep it offline, and a copy elsewhere`,
    `public key ${toHex(publicKey)}`,
    'With --public it is told again.',
  );
}

/** Prints the public key of a release key that is there. Errors: `key-file-missing`, `key-file-other`, `key-file-open`, `permission-denied`. */
export async function showReleaseKey(path: string, options: Out): Promise<void> {
  const seed = await readNamedKey(path, RELEASE_KEY);
  const publicKey = toHex((await sodiumSigner(seed)).publicKey);
  say(options, { path, publicKey }, `public key ${publicKey}`);
}

/**
 * Signs what is said of code, offline and without a collector: of an installed tree; of the code in a release file, when
 * `--sequence` asks for a new statement; else it adds one signature to the very statement of that file. Errors: `usage`,
 * `release-revoked`, `time-invalid`, `time-over`, `tree-not-installed`, those of `measureTree`, `release-malformed`, those of `readNamedKey`;
 * `output-exists`.
 */
export async function signRelease(source: string, options: SignOptions): Promise<void> {
  const signer = await sodiumSigner(
    await readNamedKey(options.key, {
      ...RELEASE_KEY,
      missing: `\`farola-collector release key ${options.key}\` makes one`,
    }),
  );
  if (await isFolder(source)) return write(statementOnTree(source, options), signer, options);
  const file = await readReleaseFile(source);
  if (options.sequence === undefined) return addSignature(file, signer, options);
  return write(nextStatement(orThrow(readRelease(file)), options), signer, options);
}

function statementOnTree(source: string, { expires, sequence, revoked }: SignOptions): Release {
  const tree = findInstalledTree(source);
  if (!tree) throw new FarolaError('tree-not-installed', { path: source, mark: TREE_MARK });
  if (expires === undefined) throw new FarolaError('usage', { reason: '--expires is needed, such as +365d or 2027-11-22' });
  const { name, version } = tree.mark;
  const issuedAt = systemClock().now().wallMs;
  return {
    version: Math.max(...PROTOCOL_VERSIONS),
    issuedAt,
    codeHash: measureTree(tree.root).root,
    sequence: sequenceOf(sequence ?? '1'),
    product: name,
    productVersion: version,
    expiresAt: expiryOf(expires, issuedAt),
    releaseState: stateOf(revoked),
  };
}

function nextStatement(before: Release, { expires, sequence = '', revoked }: SignOptions): Release {
  if (isRevocation(before) && !revoked) {
    throw new FarolaError('release-revoked', { codeHash: toHex(before.codeHash), reason: reasonOf(before) });
  }
  const issuedAt = systemClock().now().wallMs;
  const expiresAt = expires === undefined ? before.expiresAt : expiryOf(expires, issuedAt);
  return { ...before, issuedAt, sequence: sequenceOf(sequence), expiresAt, releaseState: stateOf(revoked) };
}

async function addSignature(file: Uint8Array, signer: Signer, options: SignOptions): Promise<void> {
  const { expires, revoked, output } = options;
  if (expires !== undefined || revoked) {
    throw new FarolaError('usage', { reason: 'another statement than that of the file needs a higher --sequence' });
  }
  const parts = orThrow(cutRelease(file));
  const release = orThrow(readRelease(file));
  const header = protectedHeader(contentTypeOf(RELEASE), signer.kid);
  if (parts.some((one) => sameBytes(one.protectedHeader, header))) {
    throw new FarolaError('usage', { reason: 'this key has signed it already' });
  }
  if (parts.length === RELEASE_SIGNATURES) throw new FarolaError('usage', { reason: `it has ${RELEASE_SIGNATURES} signatures` });
  const payload = parts[0]?.payload ?? new Uint8Array(0);
  const signed = seal(contentTypeOf(RELEASE), payload, signer);
  await writeOutput(output, encodeItems([...cutItems(file).items, signed]), PUBLIC);
  tell(release, parts.length + 1, options);
}

async function write(release: Release, signer: Signer, options: SignOptions): Promise<void> {
  await writeOutput(options.output, encodeItems([signMessage(RELEASE, release, signer)]), PUBLIC);
  tell(release, 1, options);
}

/** Who signs must see what was signed. */
function tell(release: Release, signatures: number, options: SignOptions): void {
  const { output } = options;
  const { codeHash, product, productVersion, sequence, expiresAt } = release;
  const says = isRevocation(release) ? 'is revoked, for ever' : `is approved until ${isoTime(release.expiresAt)}`;
  const mark = isRevocation(release) ? 'revoked' : 'approved';
  const signed = { codeHash: toHex(codeHash), product, version: productVersion, sequence, mark, expiresAt: jsonTime(expiresAt) };
  say(
    options,
    { path: output, signatures, ...signed },
    `${printable(nameOf(release))}, code ${toHex(codeHash)}, ${says} (statement ${sequence})`,
    `${output}: ${counted(signatures, 'signature')}`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw inputFailure(error, path);
  }
}

function stateOf(revoked: boolean | undefined): Release['releaseState'] {
  return revoked ? RELEASE_STATE.revoked : RELEASE_STATE.allowed;
}

function sequenceOf(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new FarolaError('usage', { reason: `--sequence ${text} is not a whole number from 1 to ${Number.MAX_SAFE_INTEGER}` });
}

function expiryOf(text: string, nowMs: number): number {
  const expiresAt = parseTime(text, nowMs);
  if (expiresAt > LAST_EXPIRY_MS) throw new FarolaError('usage', { reason: `--expires ${text} is after year 9999` });
  if (expiresAt > nowMs) return expiresAt;
  throw new FarolaError('time-over', { option: '--expires', value: text, now: isoTime(nowMs) });
}
