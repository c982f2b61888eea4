import { type Cbor, decodeCbor } from '../envelope/cbor.js';
import { CborCursor, MAJOR } from '../envelope/cbor-cursor.js';
import { openMap, readCbor, readKey } from '../envelope/read-cbor.js';
import { LABELS, type LabelName } from './labels.js';

/** Values by the name of their label. */
export type Fields = Readonly<Record<string, Cbor | undefined>>;

/** What the map of a payload holds, nothing checked but that it is strict CBOR. */
export interface ReadFields {
  /** Value of the label of the version, whatever it is; undefined when there is none. */
  readonly version: Cbor | undefined;
  /** The first label that the message does not have. */
  readonly unknownLabel: number | undefined;
  /** Values of the known labels by name; undefined where there is none. */
  readonly fields: Fields;
}

/**
 * Reads a payload, a strict CBOR map by label, into an object by name. Undefined when it is strict CBOR and no map;
 * MalformedCbor when it is not strict CBOR.
 * @param names name of each field of the message by its label
 * @param blank the same names, none with a value: an object that has all its names from the start costs a fraction
 * @param known byte strings that are taken, in place of a copy, wherever the payload has the same bytes
 */
export function readFields(
  payload: Uint8Array,
  names: ReadonlyMap<number, LabelName>,
  blank: Fields,
  known: readonly Uint8Array[],
): ReadFields | undefined {
  const cursor = new CborCursor(payload);
  cursor.known = known;
  if (cursor.head() !== MAJOR.map) {
    decodeCbor(payload);
    return undefined;
  }
  const count = openMap(cursor, 1);
  const fields: Record<string, Cbor | undefined> = { ...blank };
  let version: Cbor | undefined;
  let unknownLabel: number | undefined;
  let label: number | undefined;
  for (let i = 0; i < count; i++) {
    label = readKey(cursor, label);
    const value = readCbor(cursor, 2);
    const name = names.get(label);
    if (label === LABELS.version) version = value;
    if (name === undefined) unknownLabel ??= label;
    else fields[name] = value;
  }
  cursor.end();
  return { version, unknownLabel, fields };
}
