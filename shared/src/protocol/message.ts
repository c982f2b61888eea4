import type { z } from 'zod';
import type { Cbor } from '../envelope/cbor.js';
import { MAJOR, MalformedCbor } from '../envelope/cbor-cursor.js';
import { CborWriter } from '../envelope/cbor-writer.js';
import { writeCbor } from '../envelope/write-cbor.js';
import type { ErrorCode, Facts } from '../errors.js';
import { KINDS, type LiveKind, PROTOCOL_VERSIONS } from './kinds.js';
import { LABELS, type LabelName } from './labels.js';
import { type QuickCheck, quickCheck } from './quick-check.js';
import { type Fields, type ReadFields, readFields } from './read-fields.js';

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
  /** The same in ascending order of labels, in which they are written. */
  readonly inOrder: readonly (readonly [label: number, name: LabelName])[];
  /** Each field by its name, none with a value. */
  readonly blank: Fields;
  /** Protocol versions in which this side reads the message. */
  readonly versions: readonly number[];
  /** Whether fields fit the schema, decided beside it; undefined where only the schema itself can tell. */
  readonly quickCheck: QuickCheck | undefined;
}

/** Defines a message type. Every field of the schema must have a label. */
export function messageType<Schema extends z.ZodObject>(
  kind: LiveKind,
  schema: Schema,
  versions: readonly number[] = PROTOCOL_VERSIONS,
): MessageType<Schema> {
  const inOrder: [number, LabelName][] = [];
  for (const name of Object.keys(schema.shape)) {
    if (!(name in LABELS)) throw new TypeError(`field ${name} of ${kind} has no label`);
    inOrder.push([LABELS[name as LabelName], name as LabelName]);
  }
  inOrder.sort(([a], [b]) => a - b);
  const blank = Object.fromEntries(inOrder.map(([, name]) => [name, undefined]));
  return { kind, schema, fields: new Map(inOrder), inOrder, blank, versions, quickCheck: quickCheck(schema) };
}

/** The content type that the signature of this message covers. */
export function contentTypeOf(type: { readonly kind: LiveKind }): string {
  return KINDS[type.kind].contentType;
}

const writer = new CborWriter();

/** Encodes a message as a CBOR map with integer labels, deterministic. The value is trusted to fit its type. */
export function encodeMessage<Schema extends z.ZodObject>(type: MessageType<Schema>, value: z.input<Schema>): Uint8Array {
  writer.start();
  writer.head(MAJOR.map, type.fields.size);
  for (const [label, name] of type.inOrder) {
    const field = (value as Readonly<Record<string, Cbor | undefined>>)[name];
    if (field === undefined) throw new TypeError(`field ${name} of ${type.kind} is missing`);
    writer.head(MAJOR.uint, label);
    writeCbor(writer, field);
  }
  return writer.copy();
}

/**
 * Parses a payload strictly: strict CBOR, a map with exactly the known labels, every field of its type. Refuses with
 * `payload-malformed`, `version-unknown` or `message-invalid`.
 * @param known byte strings that the message is likely to hold: it shares them then, which spares copies
 */
export function parseMessage<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  payload: Uint8Array,
  known: readonly Uint8Array[] = [],
): Result<z.output<Schema>> {
  let read: ReadFields | undefined;
  try {
    read = readFields(payload, type.fields, type.blank, known);
  } catch (error) {
    if (error instanceof MalformedCbor) return refuse('payload-malformed', { reason: error.message });
    throw error;
  }
  if (!read) return refuse('payload-malformed', { reason: 'not a map' });
  const { version, unknownLabel, fields } = read;
  if (typeof version !== 'number' || !type.versions.includes(version)) {
    const shown = typeof version === 'number' ? version : 'none';
    return refuse('version-unknown', { version: shown, known: type.versions.join(', ') });
  }
  if (unknownLabel !== undefined) {
    return refuse('message-invalid', { kind: type.kind, reason: `label ${unknownLabel} is not known` });
  }
  return checkFields(type, fields);
}

function checkFields<Schema extends z.ZodObject>(type: MessageType<Schema>, fields: Fields): Result<z.output<Schema>> {
  if (type.quickCheck?.(fields)) return { ok: true, value: fields as z.output<Schema> };
  const parsed = type.schema.safeParse(fields);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return refuse('message-invalid', {
    kind: type.kind,
    reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  });
}
