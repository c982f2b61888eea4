import { ANSWER, CLOCK_QUALITY, encodeCodedFrame, encodeFrame, KINDS, sha256, signMessageAsync } from '@farola/shared';
import type { AsyncSigner, BatchEncoder, GapRecord, Instant, OpenEpoch, Poll } from '@farola/shared';
import type { Selection } from '../journal/journal.js';

/** What an answer is made of, beside the poll. */
export interface AnswerParts {
  readonly lcuId: string;
  readonly boot: Uint8Array;
  readonly now: Instant;
  readonly selection: Selection;
  readonly openEpochs: readonly OpenEpoch[];
  readonly gaps: readonly GapRecord[];
  readonly codeHash: Uint8Array | null;
  /** By the keys of HEALTH. */
  readonly health: ReadonlyMap<number, number>;
  /** Codes the entries; undefined when the collector does not take them coded. */
  readonly batches: Pick<BatchEncoder, 'encode'> | undefined;
}

/**
 * The frame that answers a poll: the signed answer, and the entries beside it, coded when it is signed, so that a batch that is
 * coded is sent. @throws FarolaError of the signer
 */
export async function answerPoll(
  poll: Poll,
  signedPoll: Uint8Array,
  parts: AnswerParts,
  signer: AsyncSigner,
): Promise<Uint8Array> {
  const { now, selection } = parts;
  const signed = await signMessageAsync(
    ANSWER,
    {
      version: poll.version,
      lcuId: parts.lcuId,
      pollId: poll.pollId,
      nonce: poll.nonce,
      pollHash: sha256(signedPoll),
      boot: parts.boot,
      epoch: selection.epoch,
      now: [now.monoMs, Math.max(0, now.wallMs), CLOCK_QUALITY[now.quality]],
      from: selection.from,
      to: selection.to,
      prev: selection.prev,
      head: selection.head,
      openEpochs: [...parts.openEpochs],
      gaps: [...parts.gaps],
      codeHash: parts.codeHash,
      programHash: null,
      circuits: [],
      health: parts.health,
    },
    signer,
  );
  const coded = parts.batches?.encode(selection.entries, selection, poll.want[2]);
  return coded
    ? encodeCodedFrame(KINDS.answer.number, signed, coded)
    : encodeFrame(KINDS.answer.number, signed, selection.entries);
}
