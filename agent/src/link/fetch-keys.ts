import { type Facts, FarolaError, type Refusal, type Result, sameBytes, type Timers } from '@farola/shared';
import type { TrustedKeys } from '../trust/trusted-keys.js';
import { type Channel, type ChannelEvents, CLOSE, type DialKeys } from './channel.js';
import { MessageQueue } from './message-queue.js';
import { signedOfKind } from './signed-of-kind.js';
import { takeKeys, type TakeKeysDeps } from './take-keys.js';

/** What fetching works with. */
export interface FetchKeysDeps extends TakeKeysDeps {
  readonly trusted: Pick<TrustedKeys, 'keys' | 'hash' | 'take' | 'open'>;
  readonly dialKeys: DialKeys;
  /** Where the collector listens, for messages. */
  readonly address: string;
  readonly timers: Timers;
}

/** Time that the statement may take, ms. */
const STATEMENT_MS = 15_000;

/**
 * Asks the collector for its newest keys statement, for an LCU that was away while keys were replaced: it believes neither
 * the certificate nor the hello that it is shown, so it asks before either, believes the root key alone, and then holds the
 * certificate against what the root key says. Gives whether other keys came into force. @throws FarolaError of the dial,
 * and when the statement cannot be kept
 */
export async function fetchKeys(deps: FetchKeysDeps, signal: AbortSignal): Promise<Result<boolean>> {
  const { dialKeys, trusted, address, timers } = deps;
  const messages = new MessageQueue(address);
  const before = trusted.hash;
  let channel: Channel | undefined;
  const judgeShown = await dialKeys((opened) => {
    channel = opened;
    return messages;
  }, signal);
  const late = timers.after(STATEMENT_MS, () => messages.fail(new FarolaError('hello-missing', { timeoutMs: STATEMENT_MS })));
  try {
    const signed = signedOfKind('keys', await messages.next());
    if (!signed.ok) return signed;
    const said = trusted.open(signed.value);
    const refusal = said.ok ? judgeShown(said.value.pins) : said;
    if (refusal) return refusal;
    const answer = await takeKeys(signed.value, deps);
    if (!answer.ok) return answer;
    channel?.send(answer.value);
    return { ok: true, value: !sameBytes(before, trusted.hash) };
  } finally {
    late.cancel();
    channel?.close(CLOSE.normal, '');
  }
}

/** What receiving works with. */
export interface ReceiveKeysDeps extends TakeKeysDeps {
  readonly timers: Timers;
  readonly refused: (refusal: Refusal) => void;
  /** Whether a statement may be answered now: it can be replayed, as a hello. */
  readonly mayAnswer: () => Result<undefined>;
}

/** Takes the statement that a collector brings by itself, where it dials: one connection, one statement. */
export function receiveKeys(channel: Channel, deps: ReceiveKeysDeps): ChannelEvents {
  const close = (code: string): void => channel.close(CLOSE.refused, code);
  const late = deps.timers.after(STATEMENT_MS, () => close('hello-missing'));
  let came = false;
  const take = async (bytes: Uint8Array): Promise<void> => {
    const answer = await answerTo(bytes, deps);
    if (!answer.ok) {
      deps.refused(answer);
      close(answer.code);
      return;
    }
    channel.send(answer.value);
    channel.close(CLOSE.normal, '');
  };
  return {
    message(bytes) {
      if (came) {
        close('frame-kind-unexpected');
        return;
      }
      came = true;
      take(bytes).catch((error: unknown) => {
        const facts: Facts = error instanceof FarolaError ? error.facts : { reason: String(error) };
        const code = error instanceof FarolaError ? error.code : 'internal';
        deps.refused({ ok: false, code, facts });
        close(code);
      });
    },
    closed: () => late.cancel(),
  };
}

async function answerTo(bytes: Uint8Array, deps: ReceiveKeysDeps): Promise<Result<Uint8Array>> {
  const signed = signedOfKind('keys', bytes);
  if (!signed.ok) return signed;
  const allowed = deps.mayAnswer();
  return allowed.ok ? takeKeys(signed.value, deps) : allowed;
}
