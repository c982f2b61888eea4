import { commonVersion, HELLO, openSigned, PROTOCOL_VERSIONS, refuse } from '@farola/shared';
import type { Hello, Result, Verify } from '@farola/shared';

/** What the agent knows of its collector. */
export interface CollectorKeys {
  readonly collectorId: string;
  /** Poll keys, 32 bytes each. */
  readonly pollKeys: readonly Uint8Array[];
}

/** A good hello and the protocol version to use from here on. */
export interface AcceptedHello {
  readonly hello: Hello;
  readonly version: number;
}

/**
 * Judges a signed hello: by the collector's poll key, from our collector, with a version that both speak. Refuses with
 * the codes of `openSigned`, `collector-mismatch` or `version-unknown`.
 */
export function verifyHello(signed: Uint8Array, keys: CollectorKeys, verify: Verify): Result<AcceptedHello> {
  const opened = openSigned(HELLO, signed, keys.pollKeys, verify);
  if (!opened.ok) return opened;
  const hello = opened.value;
  if (hello.collectorId !== keys.collectorId) {
    return refuse('collector-mismatch', { named: hello.collectorId, collector: keys.collectorId });
  }
  const version = commonVersion(PROTOCOL_VERSIONS, hello.versions);
  if (version === undefined) {
    return refuse('version-unknown', { version: hello.versions.join(', '), known: PROTOCOL_VERSIONS.join(', ') });
  }
  return { ok: true, value: { hello, version } };
}
