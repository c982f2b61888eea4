import { type Keys, refuse, type Result, sameBytes, sha256, type Verify } from '@farola/shared';
import { keysPayload, openKeys } from './collector-keys.js';
import type { Enrolment, EnrolmentStore } from './identity.js';

/** What trusting works with. */
export interface TrustedKeysDeps {
  readonly enrolments: Pick<EnrolmentStore, 'save'>;
  readonly verify: Verify;
  /** Told of each statement that came into force. */
  readonly onTaken?: (keys: Keys) => void;
}

/** The collector's working keys as this LCU goes by them: the newest statement of the root key that it was handed. */
export class TrustedKeys {
  readonly #deps: TrustedKeysDeps;
  #enrolment: Enrolment;
  #keys: Keys;
  #taking: Promise<unknown> = Promise.resolve();

  /** @param keys what the statement of the enrolment says */
  constructor(enrolment: Enrolment, keys: Keys, deps: TrustedKeysDeps) {
    this.#enrolment = enrolment;
    this.#keys = keys;
    this.#deps = deps;
  }

  /** The keys in force. */
  get keys(): Keys {
    return this.#keys;
  }

  /** SHA-256 of the payload of the statement in force. */
  get hash(): Uint8Array {
    return sha256(keysPayload(this.#enrolment.keys));
  }

  /** What the root key says, whether it is newer than what is in force or not. Codes as `openKeys`. */
  open(signed: Uint8Array): Result<Keys> {
    return openKeys(signed, this.#enrolment, this.#deps.verify);
  }

  /**
   * Puts a statement into force when the root key signed it with a higher sequence; durable when it resolves. The one in
   * force is good again. Refuses with the codes of `openKeys`, or `keys-older`. @throws FarolaError as `EnrolmentStore.save`
   */
  take(signed: Uint8Array): Promise<Result<Keys>> {
    const taken = this.#taking.then(() => this.#take(signed));
    this.#taking = taken.catch(() => undefined);
    return taken;
  }

  async #take(signed: Uint8Array): Promise<Result<Keys>> {
    const opened = this.open(signed);
    if (!opened.ok || sameBytes(keysPayload(signed), keysPayload(this.#enrolment.keys))) return opened;
    const { sequence } = opened.value;
    if (sequence <= this.#keys.sequence) return refuse('keys-older', { sequence, known: this.#keys.sequence });
    const enrolment = { ...this.#enrolment, keys: Uint8Array.from(signed) };
    await this.#deps.enrolments.save(enrolment);
    this.#enrolment = enrolment;
    this.#keys = opened.value;
    this.#deps.onTaken?.(opened.value);
    return opened;
  }
}
