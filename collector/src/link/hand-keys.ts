import {
  contentTypeOf,
  cutSigned,
  encodeFrame,
  KEYS_TAKEN,
  KID_BYTES,
  kidInHeader,
  KINDS,
  parseMessage,
  readFrame,
  refuse,
  type Refusal,
  type Result,
  sameBytes,
  type Timers,
  toBeSigned,
  toHex,
  type Verify,
} from '@farola/shared';
import type { FleetReader, Lcu } from '../fleet/fleet.js';
import type { Channel } from './channel.js';
import type { KeysInForce } from './keys-in-force.js';

/** What an LCU said of the keys that it goes by, verified. */
export interface SaidOfKeys {
  readonly lcu: Lcu;
  readonly sequence: number;
  readonly keysHash: Uint8Array;
}

/** What handing keys over needs. */
export interface HandKeysDeps {
  readonly keys: Pick<KeysInForce, 'newest' | 'identity'>;
  readonly fleet: Pick<FleetReader, 'findByKid'>;
  readonly verify: Verify;
  readonly timers: Timers;
}

/** How long an LCU may take to confirm, ms: it writes the statement to its disk first. */
const CONFIRM_MS = 10_000;

/** The frame that hands a statement over. */
export function keysFrame(statement: Uint8Array): Uint8Array {
  return encodeFrame(KINDS.keys.number, statement);
}

/**
 * Judges what an LCU says of the keys that it goes by: shape, a key of the fleet, signature, strict parse, names. Codes:
 * `frame-malformed`, `frame-kind-unexpected`, `cose-malformed`, `header-unexpected`, `key-unknown`, `signature-invalid`, those
 * of the parse, `lcu-mismatch`, `collector-mismatch`.
 */
export function judgeKeysTaken(
  bytes: Uint8Array,
  { keys, fleet, verify }: Pick<HandKeysDeps, 'keys' | 'fleet' | 'verify'>,
): Result<SaidOfKeys> {
  const frame = readFrame(bytes);
  if (!frame.ok) return frame;
  const { kind, signed, attachment } = frame.value;
  if (kind !== KINDS.keysTaken.number || attachment) return refuse('frame-kind-unexpected', { kind });
  const parts = cutSigned(signed);
  if (!parts.ok) return parts;
  const { protectedHeader, payload, signature } = parts.value;
  const kid = kidInHeader(protectedHeader, contentTypeOf(KEYS_TAKEN), KID_BYTES);
  if (!kid) return refuse('header-unexpected', { kind: 'keysTaken' });
  const lcu = fleet.findByKid(kid);
  if (!lcu?.key) return refuse('key-unknown', { kid: toHex(kid) });
  if (!verify(lcu.key.publicKey, toBeSigned(protectedHeader, payload), signature)) {
    return refuse('signature-invalid', { kind: 'keysTaken' });
  }
  const parsed = parseMessage(KEYS_TAKEN, payload);
  if (!parsed.ok) return parsed;
  const { lcuId, collectorId, sequence, keysHash } = parsed.value;
  if (lcuId !== lcu.lcuId) return refuse('lcu-mismatch', { named: lcuId, lcu: lcu.lcuId });
  if (collectorId !== keys.identity.collectorId) {
    return refuse('collector-mismatch', { named: collectorId, collector: keys.identity.collectorId });
  }
  return { ok: true, value: { lcu, sequence, keysHash } };
}

/** Whether what an LCU goes by is this statement. Codes: `keys-not-taken`, `keys-behind` where it knows one that we do not. */
export function judgeAgainst(
  { lcu, sequence, keysHash }: SaidOfKeys,
  newest: Pick<KeysInForce, 'sequence' | 'hash'>,
): Refusal | undefined {
  if (sameBytes(keysHash, newest.hash)) return undefined;
  const facts = { lcu: lcu.lcuId, theirs: sequence, ours: newest.sequence };
  return refuse(sequence >= newest.sequence ? 'keys-behind' : 'keys-not-taken', facts);
}

/**
 * Hands the newest statement over on a connection that is for nothing else, path `/v1/keys`, and closes it. An LCU that was
 * away dials it; one that waits to be dialled is dialled. Resolves when it is closed.
 * @param said told of what the LCU says
 */
export function handKeys(
  channel: Channel,
  deps: HandKeysDeps,
  said: (said: SaidOfKeys) => void,
  refused: (refusal: Refusal) => void,
): Promise<void> {
  let over = false;
  const end = (reason: Parameters<Channel['close']>[0]): void => {
    over = true;
    timer.cancel();
    channel.close(reason);
  };
  const timer = deps.timers.after(CONFIRM_MS, () => end('answer-missing'));
  channel.onMessage((message) => {
    if (over) return;
    const judged = judgeKeysTaken(message, deps);
    end(judged.ok ? 'done' : judged.code);
    if (judged.ok) said(judged.value);
    else refused(judged);
  });
  const closed = new Promise<void>((resolve) =>
    channel.onClose(() => {
      timer.cancel();
      resolve();
    }),
  );
  channel.send(keysFrame(deps.keys.newest));
  return closed;
}
