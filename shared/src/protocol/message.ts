import { type z } from 'zod';
import { MalformedCbor } from '../envelope/cbor-cursor.js';
import { type Cbor, decodeCbor, encodeCbor } from '../envelope/cbor.js';
import { type ErrorCode, type Facts } from '../errors.js';
import { KINDS, type LiveKind, PROTOCOL_VERSIONS } from './kinds.js';
import { LABELS, type LabelName } from './labels.js';

/** An expected outcome: a value, or a code of the error table with its facts. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

/** An outcome that is not good. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly facts: Facts;
}

/** A refusal as a value. */
export function refuse(code: ErrorCode, facts: Facts = {}): Refusal {
  return { ok: false, code, facts };
}

/** One message type: its kind and the zod schema of its fields, each named as in LABELS. */
export interface MessageType<Schema extends z.ZodObject> {
  readonly kind: LiveKind;
  readonly schema: Schema;
  /** Name of each field by its label. */
  readonly fields: ReadonlyMap<number, LabelName>;
  /** Protocol versions in which this side reads the message. */
  readonly versions: readonly number[];
}

/** Defines a message type. Every field of the schema must have a label. */
export function messageType<Schema extends z.ZodObject>(
  kind: LiveKind,
  schema: Schema,
  versions: readonly number[] = PROTOCOL_VERSIONS,
): MessageType<Schema> {
  const fields = new Map<number, LabelName>();
  for (const name of Object.keys(schema.shape)) {
    if (!(name in LABELS)) throw new TypeError(`field ${name} of ${kind} has no label`);
    fields.set(LABELS[name as LabelName], name as LabelName);
  }
  return { kind, schema, fields, versions };
}

/** The content type that the signature of this message covers. */
export function contentTypeOf(type: { readonly kind: LiveKind }): string {
  return KINDS[type.kind].contentType;
}

/** Encodes a message as a CBOR map with integer labels, deterministic. The value is trusted to fit its type. */
export function encodeMessage<Schema extends z.ZodObject>(type: MessageType<Schema>, value: z.input<Schema>): Uint8Array {
  const map = new Map<number, Cbor>();
  for (const [label, name] of type.fields) {
    const field = (value as Record<string, Cbor | undefined>)[name];
    if (field === undefined) throw new TypeError(`field ${name} of ${type.kind} is missing`);
    map.set(label, field);
  }
  return encodeCbor(map);
}

/**
 * Parses a payload strictly: strict CBOR, a map with exactly the known labels, every field of its type. Refuses with
 * `payload-malformed`, `version-unknown` or `message-invalid`.
 */
export function parseMessage<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  payload: Uint8Array,
): Result<z.output<Schema>> {
  let decoded: Cbor;
  try {
    decoded = decodeCbor(payload);
  } catch (error) {
    if (error instanceof MalformedCbor) return refuse('payload-malformed', { reason: error.message });
    throw error;
  }
  if (!(decoded instanceof Map)) return refuse('payload-malformed', { reason: 'not a map' });
  const unspoken = checkVersion(decoded, type.versions);
  if (unspoken) return unspoken;
  return checkFields(type, decoded);
}

function checkVersion(decoded: ReadonlyMap<number, Cbor>, known: readonly number[]): Refusal | undefined {
  const version = decoded.get(LABELS.version);
  if (typeof version === 'number' && known.includes(version)) return undefined;
  const shown = typeof version === 'number' ? version : 'none';
  return refuse('version-unknown', { version: shown, known: known.join(', ') });
}

function checkFields<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  decoded: ReadonlyMap<number, Cbor>,
): Result<z.output<Schema>> {
  const object: Record<string, Cbor> = {};
  for (const [label, value] of decoded) {
    const name = type.fields.get(label);
    if (name === undefined) {
      return refuse('message-invalid', { kind: type.kind, reason: `label ${String(label)} is not known` });
    }
    object[name] = value;
  }
  const parsed = type.schema.safeParse(object);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return refuse('message-invalid', {
    kind: type.kind,
    reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  });
}
