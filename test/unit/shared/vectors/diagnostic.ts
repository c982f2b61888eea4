import { type Cbor, toHex } from '@farola/shared';

/** A value in the diagnostic notation of RFC 8949 section 8. */
export function diagnostic(value: Cbor): string {
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (value instanceof Map) {
    return `{${[...(value as ReadonlyMap<number, Cbor>)].map(([key, item]) => `${key}: ${diagnostic(item)}`).join(', ')}}`;
  }
  if (Array.isArray(value)) return `[${(value as readonly Cbor[]).map(diagnostic).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value as number | bigint | boolean | null);
}
