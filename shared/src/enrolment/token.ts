import * as z from 'zod';
import { sha256 } from '../bytes.js';
import { MalformedCbor } from '../envelope/cbor-cursor.js';
import { type Cbor, decodeCbor, encodeCbor } from '../envelope/cbor.js';
import { FarolaError } from '../errors.js';
import { nameSchema } from '../names.js';
import { bytesOf, key32, uint } from '../protocol/fields.js';

/** What an operator hands to a technician so that one LCU can enrol once. */
export interface EnrolmentToken {
  readonly lcuId: string;
  readonly collectorId: string;
  /** Where the collector listens, `wss://host:port`. */
  readonly address: string;
  /** Public root key of the collector. */
  readonly rootKey: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo of the collector's certificate authority. */
  readonly pin: Uint8Array;
  /** 16 random bytes; the collector keeps only their hash. */
  readonly secret: Uint8Array;
  /** Wall time, ms since 1970 UTC. */
  readonly expiresAt: number;
}

const PREFIX = 'farola1-';
const VERSION = 1;
const CHECKSUM_BYTES = 4;
const LENGTH_LIMIT = 1024;

const tokenItems = z.tuple([
  z.literal(VERSION),
  nameSchema,
  nameSchema,
  z.string().max(256),
  key32,
  bytesOf(32),
  bytesOf(16),
  uint,
]);

/** The token as one line of letters, digits, `-` and `_`, with a checksum against copying errors. */
export function formatToken(token: EnrolmentToken): string {
  const { lcuId, collectorId, address, rootKey, pin, secret, expiresAt } = token;
  const body = encodeCbor([VERSION, lcuId, collectorId, address, rootKey, pin, secret, expiresAt]);
  return PREFIX + Buffer.concat([body, checksum(body)]).toString('base64url');
}

/** Reads a token line; spaces and line breaks that a mail program put in are ignored. Throws `token-malformed`. */
export function parseToken(text: string): EnrolmentToken {
  const line = text.replace(/\s+/g, '');
  if (line === '') throw malformed('nothing was given');
  if (!line.startsWith(PREFIX)) throw malformed(`it does not begin with ${PREFIX}`);
  if (line.length > LENGTH_LIMIT) throw malformed('it is too long');
  const encoded = line.slice(PREFIX.length);
  if (!/^[\w-]*$/.test(encoded)) throw malformed('it holds other characters than letters, digits, - and _');
  const bytes = Buffer.from(encoded, 'base64url');
  // Left over are characters that make no whole byte: a line of another length, or another last character.
  if (bytes.toString('base64url') !== encoded) throw malformed('it is incomplete: its end is missing or mistyped');
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (bytes.length <= CHECKSUM_BYTES || !checksum(body).equals(bytes.subarray(-CHECKSUM_BYTES))) {
    throw malformed('its checksum is wrong, some of it is missing or mistyped');
  }
  const items = tokenItems.safeParse(decodeBody(body));
  if (!items.success) throw malformed('it is of another version');
  const [, lcuId, collectorId, address, rootKey, pin, secret, expiresAt] = items.data;
  return { lcuId, collectorId, address, rootKey, pin, secret, expiresAt };
}

function decodeBody(body: Uint8Array): Cbor {
  try {
    return decodeCbor(body);
  } catch (error) {
    if (error instanceof MalformedCbor) return null;
    throw error;
  }
}

function checksum(body: Uint8Array): Buffer {
  return Buffer.from(sha256(body)).subarray(0, CHECKSUM_BYTES);
}

function malformed(reason: string): FarolaError {
  return new FarolaError('token-malformed', { reason });
}
