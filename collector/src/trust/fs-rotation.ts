import { X509Certificate } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Clock,
  errnoOf,
  FarolaError,
  fromHex,
  KEYS,
  type Keys,
  openSigned,
  pinOf,
  sameBytes,
  type Signer,
  signMessage,
  syncFolder,
  toHex,
} from '@farola/shared';
import * as z from 'zod';
import { accessFailure } from '../store/access-failure.js';
import { loadCollectorKeys, STATEMENT_VERSION } from './fs-collector-keys.js';
import { newSigningKeyPem, PUBLIC, readNamedKey, readSigningKey, SECRET, writeNewFile } from './fs-key-file.js';
import { KEY_FILES, namesIn, readRootPublic, readStatements, rotatedFiles, statementFile } from './fs-key-files.js';
import { sodiumSigner, sodiumVerify } from './sodium-signer.js';
import { issueServer, makeAuthority } from './x509-authority.js';

/** What can be replaced under the root key. */
export const ROTATABLE = ['poll', 'command', 'tls'] as const;
/** One of them. */
export type Rotatable = (typeof ROTATABLE)[number];

/** A rotation that is open: LCUs are taking the next keys, and the present ones are in use. */
export interface Rotation {
  /** The statement that ends it: the next keys alone. The root key signed it when the rotation began. */
  readonly last: { readonly signed: Uint8Array; readonly keys: Keys };
  /** When it ends at the latest, wall time, ms. */
  readonly untilMs: number;
}

/** How to rotate. */
export interface RotateOptions {
  readonly collectorId: string;
  readonly what: readonly Rotatable[];
  /** Signs the statements. */
  readonly root: Signer;
  /** Host of the public address, for a new server certificate. */
  readonly host: string;
  /** When the rotation ends at the latest, wall time, ms; undefined: at once, with no overlap. */
  readonly untilMs: number | undefined;
  /** Highest sequence that an LCU is known to go by: statements are made above it. */
  readonly above: number;
  readonly clock: Clock;
}

const NEXT_FILE = 'keys-next.json';
const nextSchema = z.strictObject({ statement: z.string().regex(/^([0-9a-f]{2})+$/), untilMs: z.int() });

const ROOT_REMEDY = 'name the file that the root key is kept in';

/** The root key, from where it is kept. Errors: those of `readNamedKey`, `root-key-foreign`. */
export async function readRootKey(folder: string, path: string): Promise<Signer> {
  const root = await sodiumSigner(await readNamedKey(path, { missing: ROOT_REMEDY, other: ROOT_REMEDY }));
  if (sameBytes(root.publicKey, await readRootPublic(folder))) return root;
  throw new FarolaError('root-key-foreign', { path });
}

/**
 * The rotation that is open; undefined when there is none, or when it was cut off before its first statement came into force.
 * Errors: `key-file-invalid`, `permission-denied`.
 */
export async function readRotation(folder: string, collectorId: string): Promise<Rotation | undefined> {
  const path = join(folder, NEXT_FILE);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw accessFailure(error, path);
  });
  if (text === undefined) return undefined;
  const parsed = nextSchema.safeParse(parseJson(text));
  const signed = parsed.success ? fromHex(parsed.data.statement) : new Uint8Array(0);
  const opened = openSigned(KEYS, signed, [await readRootPublic(folder)], await sodiumVerify());
  if (!parsed.success || !opened.ok) throw new FarolaError('key-file-invalid', { path, reason: 'not what `rotate` writes' });
  const newest = (await readStatements(folder, collectorId)).at(-1)?.keys.sequence ?? 0;
  if (newest !== opened.value.sequence - 1) return undefined;
  return { last: { signed, keys: opened.value }, untilMs: parsed.data.untilMs };
}

/**
 * Makes the next keys and puts a statement into force that lists them beside the present ones, or, with no overlap, instead of
 * them. Files come first and the statement last: cut off anywhere, it is as before and can be done again. Gives what the
 * statement says. Errors: `rotation-open` unless with no overlap, those of `loadCollectorKeys`.
 */
export async function rotateKeys(folder: string, options: RotateOptions): Promise<Keys> {
  const { collectorId, what, root, untilMs, above, clock } = options;
  const { newest } = await loadCollectorKeys(folder, collectorId);
  const open = await readRotation(folder, collectorId);
  if (open && untilMs !== undefined) throw new FarolaError('rotation-open', { keys: rotatedBy(newest.keys).join(', ') });
  const next = await makeNext(folder, what, options);
  const present = { pollKeys: newest.keys.pollKeys, commandKeys: newest.keys.commandKeys, pins: newest.keys.pins };
  const alone = { ...firstOf(present), ...next };
  const both = {
    pollKeys: joined(present.pollKeys, next.pollKeys),
    commandKeys: joined(present.commandKeys, next.commandKeys),
    pins: joined(present.pins, next.pins),
  };
  const sequence = Math.max(newest.keys.sequence, open?.last.keys.sequence ?? 0, above) + 1;
  const issuedAt = clock.now().wallMs;
  const said = { version: STATEMENT_VERSION, collectorId, rootKey: root.publicKey, issuedAt };
  const first: Keys = { ...said, sequence, ...(untilMs === undefined ? alone : both) };
  if (untilMs !== undefined) {
    await rm(join(folder, NEXT_FILE), { force: true });
    const last = signMessage(KEYS, { ...said, sequence: sequence + 1, ...alone }, root);
    await writeNewFile(join(folder, NEXT_FILE), JSON.stringify({ statement: toHex(last), untilMs }), PUBLIC);
  }
  await writeNewFile(join(folder, statementFile(sequence)), signMessage(KEYS, first, root), PUBLIC);
  return first;
}

/** Ends the open rotation: the next keys are in use from now on. Twice does nothing. Errors: `rotation-none`. */
export async function switchKeys(folder: string, collectorId: string): Promise<Keys> {
  const rotation = await readRotation(folder, collectorId);
  if (!rotation) throw new FarolaError('rotation-none');
  const { signed, keys } = rotation.last;
  await writeNewFile(join(folder, statementFile(keys.sequence)), signed, PUBLIC).catch((error: unknown) => {
    if (!(error instanceof FarolaError) || error.code !== 'already-initialised') throw error;
  });
  return keys;
}

/** Removes private keys that an older statement listed and the newest does not. Gives the names of the files. */
export async function removeRetiredKeys(folder: string, collectorId: string): Promise<readonly string[]> {
  const statements = await readStatements(folder, collectorId);
  const newest = statements.at(-1)?.keys;
  if (!newest) return [];
  const names = new Set(await namesIn(folder));
  const retired: string[] = [];
  for (const { keys } of statements.slice(0, -1)) {
    for (const role of ['poll', 'command'] as const) {
      for (const key of keys[`${role}Keys`]) {
        if (!isListed(key, newest[`${role}Keys`])) retired.push(rotatedFiles.signing(role, key));
      }
    }
    for (const pin of keys.pins) {
      if (!isListed(pin, newest.pins)) retired.push(rotatedFiles.authority(pin), rotatedFiles.server(pin));
    }
  }
  const first = statements[0]?.keys;
  if (first && !newest.pollKeys.some((key) => isListed(key, first.pollKeys))) retired.push(KEY_FILES.poll);
  if (first && !newest.commandKeys.some((key) => isListed(key, first.commandKeys))) retired.push(KEY_FILES.command);
  if (first && !newest.pins.some((pin) => isListed(pin, first.pins))) {
    retired.push(KEY_FILES.authorityKey, KEY_FILES.authority, KEY_FILES.server);
  }
  const present = [...new Set(retired)].filter((name) => names.has(name));
  for (const name of present) await rm(join(folder, name), { force: true });
  if (present.length > 0) await syncFolder(folder);
  return present;
}

/** Which keys an overlapping statement replaces: those that it lists twice. */
export function rotatedBy({ pollKeys, commandKeys, pins }: Pick<Keys, 'pollKeys' | 'commandKeys' | 'pins'>): Rotatable[] {
  return ROTATABLE.filter((what) => ({ poll: pollKeys, command: commandKeys, tls: pins })[what].length > 1);
}

type Lists = Pick<Keys, 'pollKeys' | 'commandKeys' | 'pins'>;

async function makeNext(
  folder: string,
  what: readonly Rotatable[],
  { collectorId, host, clock }: RotateOptions,
): Promise<Partial<Lists>> {
  const next: { -readonly [Name in keyof Lists]?: Lists[Name] } = {};
  for (const role of ['poll', 'command'] as const) {
    if (!what.includes(role)) continue;
    const pem = newSigningKeyPem();
    const aside = join(folder, `${role}-next.key`);
    await rm(aside, { force: true });
    await writeNewFile(aside, pem, SECRET);
    const { publicKey } = await sodiumSigner(await readSigningKey(aside));
    await writeNewFile(join(folder, rotatedFiles.signing(role, publicKey)), pem, SECRET);
    await rm(aside);
    next[`${role}Keys`] = [publicKey];
  }
  if (what.includes('tls')) {
    const now = clock.now();
    const authority = await makeAuthority(collectorId, now);
    const pin = pinOf(new X509Certificate(authority.certificate));
    const server = await issueServer(authority, collectorId, host, now);
    await writeNewFile(join(folder, rotatedFiles.authority(pin)), authority.privateKey + authority.certificate, SECRET);
    await writeNewFile(join(folder, rotatedFiles.server(pin)), server.privateKey + server.certificate, SECRET);
    next.pins = [pin];
  }
  return next;
}

/** The keys in use of each list, without those of a rotation that is given up. */
function firstOf({ pollKeys, commandKeys, pins }: Lists): Lists {
  return { pollKeys: pollKeys.slice(0, 1), commandKeys: commandKeys.slice(0, 1), pins: pins.slice(0, 1) };
}

function joined(present: readonly Uint8Array[], next: readonly Uint8Array[] = []): Uint8Array[] {
  return [...present, ...next];
}

function isListed(key: Uint8Array, list: readonly Uint8Array[]): boolean {
  return list.some((one) => sameBytes(one, key));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
