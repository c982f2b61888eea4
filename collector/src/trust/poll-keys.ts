import { FarolaError, KEYS, openSigned, type Verify } from '@farola/shared';

/** What tells which keys a collector ever polled with. */
export interface KeyStatements {
  readonly rootKey: Uint8Array;
  /** Signed keys statements, oldest first. */
  readonly keys: readonly Uint8Array[];
}

/** Every poll key of the statements, which the root key must have signed. Error: `keys-untrusted`. */
export function pollKeysOf({ rootKey, keys }: KeyStatements, verify: Verify): readonly Uint8Array[] {
  return keys.flatMap((statement) => {
    const opened = openSigned(KEYS, statement, [rootKey], verify);
    if (!opened.ok) throw new FarolaError('keys-untrusted');
    return opened.value.pollKeys;
  });
}
