import {
  type Attachment,
  type CutOut,
  cutFrame,
  cutOut,
  KINDS,
  LIMITS,
  MalformedCbor,
  refuse,
  type Result,
} from '@farola/shared';

/** An answer as it came, cut into its parts; nothing is verified yet. */
export interface RawAnswer {
  /** The COSE_Sign1 as received. */
  readonly signed: Uint8Array;
  readonly parts: CutOut;
  readonly entries: Attachment;
}

/**
 * First checks, before any cryptography: frame size, frame, COSE shape. Codes: `frame-too-large`, `frame-malformed`,
 * `frame-kind-unexpected`, `cose-malformed`.
 */
export function cutAnswer(frame: Uint8Array): Result<RawAnswer> {
  if (frame.length > LIMITS.frameBytes) {
    return refuse('frame-too-large', { bytes: frame.length, limit: LIMITS.frameBytes });
  }
  let cut;
  try {
    cut = cutFrame(frame);
  } catch (error) {
    return malformed('frame-malformed', error);
  }
  if (cut.kind !== KINDS.answer.number || !cut.attachment) return refuse('frame-kind-unexpected', { kind: cut.kind });
  try {
    return { ok: true, value: { signed: cut.signed, parts: cutOut(cut.signed), entries: cut.attachment } };
  } catch (error) {
    return malformed('cose-malformed', error);
  }
}

function malformed(code: 'frame-malformed' | 'cose-malformed', error: unknown): Result<never> {
  if (error instanceof MalformedCbor) return refuse(code, { reason: error.message });
  throw error;
}
