import { type AnswerEntries, type CutOut, cutSigned, KINDS, LIMITS, readAnswerFrame, refuse, type Result } from '@farola/shared';

/** An answer as it came, cut into its parts; nothing is verified yet. */
export interface RawAnswer {
  /** The COSE_Sign1 as received. */
  readonly signed: Uint8Array;
  readonly parts: CutOut;
  /** Not decoded yet. */
  readonly entries: AnswerEntries;
}

/**
 * First checks, before any cryptography: frame size, frame, COSE shape. Codes: `frame-too-large`, `frame-malformed`,
 * `frame-kind-unexpected`, `cose-malformed`.
 */
export function cutAnswer(frame: Uint8Array): Result<RawAnswer> {
  if (frame.length > LIMITS.frameBytes) {
    return refuse('frame-too-large', { bytes: frame.length, limit: LIMITS.frameBytes });
  }
  const cut = readAnswerFrame(frame);
  if (!cut.ok) return cut;
  const { kind, signed, beside } = cut.value;
  if (kind !== KINDS.answer.number || !beside) return refuse('frame-kind-unexpected', { kind });
  const parts = cutSigned(signed);
  if (!parts.ok) return parts;
  return { ok: true, value: { signed, parts: parts.value, entries: beside } };
}
