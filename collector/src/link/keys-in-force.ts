import { cutSigned, KEYS, parseMessage, sha256, toHex } from '@farola/shared';
import type { CollectorIdentity } from './collector-identity.js';

/** The keys of a running collector: they may be replaced while connections and rounds go on with the same objects. */
export class KeysInForce {
  /** Who this collector is now. Everything is asked of it anew at each use. */
  readonly identity: CollectorIdentity;
  #now: CollectorIdentity;
  #newest: NamedStatement;

  constructor(now: CollectorIdentity) {
    this.#now = now;
    this.#newest = nameOfNewest(now);
    const present = (): CollectorIdentity => this.#now;
    this.identity = {
      collectorId: now.collectorId,
      rootKey: now.rootKey,
      get pollSigner() {
        return present().pollSigner;
      },
      get pin() {
        return present().pin;
      },
      get keys() {
        return present().keys;
      },
    };
  }

  /** SHA-256 of the payload of the newest statement. */
  get hash(): Uint8Array {
    return this.#newest.hash;
  }

  /** The same, in hexadecimal. */
  get hashHex(): string {
    return this.#newest.hashHex;
  }

  /** Sequence of the newest statement. */
  get sequence(): number {
    return this.#newest.sequence;
  }

  /** Poll keys that the newest statement lists. */
  get accepted(): readonly Uint8Array[] {
    return this.#newest.pollKeys;
  }

  /** The newest statement, signed. */
  get newest(): Uint8Array {
    return this.#now.keys.at(-1) as Uint8Array;
  }

  /** Goes on with other keys from now on. */
  replace(now: CollectorIdentity): void {
    this.#now = now;
    this.#newest = nameOfNewest(now);
  }
}

/** What a statement is named by. */
interface NamedStatement {
  readonly sequence: number;
  readonly pollKeys: readonly Uint8Array[];
  /** SHA-256 of its payload. */
  readonly hash: Uint8Array;
  readonly hashHex: string;
}

/** SHA-256 of the payload of a signed statement, by which LCUs name it. TypeError for what is none. */
export function statementHash(signed: Uint8Array): Uint8Array {
  const cut = cutSigned(signed);
  if (!cut.ok) throw new TypeError('not a keys statement');
  return sha256(cut.value.payload);
}

function nameOfNewest({ keys }: CollectorIdentity): NamedStatement {
  const cut = cutSigned(keys.at(-1) ?? new Uint8Array(0));
  const said = cut.ok ? parseMessage(KEYS, cut.value.payload) : cut;
  if (!cut.ok || !said.ok) throw new TypeError('not a keys statement');
  const { sequence, pollKeys } = said.value;
  const hash = sha256(cut.value.payload);
  return { sequence, pollKeys, hash, hashHex: toHex(hash) };
}
