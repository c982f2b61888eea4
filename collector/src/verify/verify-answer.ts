import {
  ANSWER,
  type Answer,
  type AnswerEntries,
  type Attachment,
  ENCODINGS,
  parseMessage,
  refuse,
  type Result,
  type Verify,
} from '@farola/shared';
import type { ProvenRange } from '../ledger/judge-range.js';
import type { Asked } from './asked.js';
import { checkBinding } from './check-binding.js';
import { checkChain } from './check-chain.js';
import { checkCode, type FindRevoked } from './check-code.js';
import { checkDeadline } from './check-deadline.js';
import { checkGaps } from './check-gaps.js';
import { checkRange } from './check-range.js';
import { checkHeader, checkSignature } from './check-signature.js';
import { cutAnswer } from './cut-answer.js';

/** An answer that passed every check which needs no store. */
export interface VerifiedAnswer {
  /** The COSE_Sign1 as received. */
  readonly signed: Uint8Array;
  readonly answer: Answer;
  readonly entries: Attachment;
  /** What the entries prove. */
  readonly range: ProvenRange;
}

/**
 * Judges one frame that came where an answer is expected, cheapest check first (DESIGN section 4), in the order of the table
 * in docs/protocol.md. What needs the store, whether the range agrees with what is held, comes after
 * (ledger/judge-delivery.ts), and right before the commit whether the LCU may still deliver (poll/still-allowed.ts).
 * @param asked the poll that waits, which this frame uses up whatever it holds; undefined when none waits
 * @param receivedMonoMs on the collector's monotonic clock
 */
export function verifyAnswer(
  frame: Uint8Array,
  asked: Asked | undefined,
  receivedMonoMs: number,
  verify: Verify,
  revoked: FindRevoked,
): Result<VerifiedAnswer> {
  const cut = cutAnswer(frame);
  if (!cut.ok) return cut;
  if (!asked) return refuse('nonce-unknown');
  const raw = cut.value;
  const untrusted = checkHeader(asked, raw) ?? checkDeadline(asked, receivedMonoMs) ?? checkSignature(asked, raw, verify);
  if (untrusted) return untrusted;
  const parsed = parseMessage(ANSWER, raw.parts.payload, asked.known);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const unbound = checkBinding(asked, answer);
  if (unbound) return unbound;
  const decoded = entriesOf(raw.entries, answer, asked);
  if (!decoded.ok) return decoded;
  const entries = decoded.value;
  const unfit = checkRange(asked, answer, entries.items.length) ?? checkGaps(answer);
  if (unfit) return unfit;
  const chain = checkChain(answer, entries);
  if (!chain.ok) return chain;
  const barred = checkCode(answer, revoked);
  if (barred) return barred;
  return { ok: true, value: { signed: raw.signed, answer, entries, range: chain.value } };
}

/** Decoded only now, when the signature has shown whose they are. Code: `attachment-malformed`. */
function entriesOf(raw: AnswerEntries, answer: Answer, { batches }: Asked): Result<Attachment> {
  return raw.encoding === ENCODINGS.coded ? batches.decode(raw.coded, answer) : { ok: true, value: raw.entries };
}
