import { type Cbor, toHex } from '@farola/shared';

/** A value in the diagnostic notation of RFC 8949 section 8. */
export function diagnostic(value: Cbor): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return value.toString();
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (!isMap(value)) return `[${value.map(diagnostic).join(', ')}]`;
  return `{${[...value].map(([key, item]) => `${key}: ${diagnostic(item)}`).join(', ')}}`;
}

function isMap(value: readonly Cbor[] | ReadonlyMap<number, Cbor>): value is ReadonlyMap<number, Cbor> {
  return value instanceof Map;
}
