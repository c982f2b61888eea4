import type { AnswerToStore } from '@farola/collector/poll/take-answer.js';
import { cutSigned, encodeFrame, KINDS, toBeSigned } from '@farola/shared';

/** The bytes of one real poll, which the floor sends, signs, verifies and stores again. */
export interface PollBytes {
  /** The WebSocket messages. */
  readonly pollFrame: Uint8Array;
  readonly answerFrame: Uint8Array;
  /** What the collector signs, and what it verifies. */
  readonly pollToSign: Uint8Array;
  readonly answerToVerify: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The blobs of a row. */
  readonly poll: Uint8Array;
  readonly answer: Uint8Array;
  readonly entries: Uint8Array;
}

/** The bytes of a poll that was stored. @param publicKey of the LCU that answered */
export function pollBytes({ poll, answer, entries, items }: AnswerToStore, publicKey: Uint8Array): PollBytes {
  const pollParts = partsOf(poll);
  const answerParts = partsOf(answer);
  return {
    pollFrame: encodeFrame(KINDS.poll.number, poll),
    answerFrame: encodeFrame(KINDS.answer.number, answer, items),
    pollToSign: toBeSigned(pollParts.protectedHeader, pollParts.payload),
    answerToVerify: toBeSigned(answerParts.protectedHeader, answerParts.payload),
    signature: answerParts.signature,
    publicKey,
    poll,
    answer,
    entries,
  };
}

function partsOf(signed: Uint8Array) {
  const cut = cutSigned(signed);
  if (!cut.ok) throw new RangeError(cut.code);
  return cut.value;
}
