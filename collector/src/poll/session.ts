import type { Answer, GapRecord, HelloAnswer, OpenEpoch } from '@farola/shared';
import { ANSWER, BatchDecoder, contentTypeOf, kidOf, protectedHeader } from '@farola/shared';
import { type Counting, standingOf } from '../fleet/counting.js';
import type { Lcu } from '../fleet/fleet.js';
import type { Channel } from '../link/channel.js';
import type { Greeted } from '../link/hello-exchange.js';
import type { Owed } from './owed-epochs.js';
import { RecentEpochs } from './recent-epochs.js';
import { ShownChains } from './shown-chains.js';

/** One authenticated connection of an LCU, and what its answers have told so far. */
export class Session {
  readonly channel: Channel;
  readonly publicKey: Uint8Array;
  readonly hello: Pick<HelloAnswer, 'version' | 'lcuNonce' | 'boot' | 'epoch'>;
  /** The one protected header that an answer of this LCU may carry. */
  readonly answerHeader: Uint8Array;
  readonly lcu: Pick<Lcu, 'lcuNo' | 'lcuId'>;
  /** What the coded entries of this connection lean on. */
  readonly batches = new BatchDecoder();
  /** When its key came into force, wall time in ms: what came before is of another unit. */
  readonly keyFromMs: number;
  /** The begin of the present epoch, as far as the hello tells it. */
  readonly present: { readonly boot: Uint8Array; readonly atMs: undefined };
  standing: Counting;
  /** Whether the line of epochs was found well: no other branch can come by this connection. */
  lineageGood = false;
  /** Whether it was found to list less of its present epoch than is stored. */
  isBehind = false;
  /** Byte strings that its answers hold again and again. */
  recurring: readonly Uint8Array[];
  pollId = 0;
  /** Monotonic time in the last verified answer, ms. */
  lastMonoMs = 0;
  /** Epochs that the LCU said it holds, oldest first. */
  openEpochs: readonly OpenEpoch[] = [];
  /** What the LCU itself told as gone with its last answer. */
  gaps: readonly GapRecord[] = [];
  /** Epochs that start entries name and the collector lacked: from the present one on, and where connections before were left. */
  owed: readonly Owed[];
  /** Whether it goes on where those were left. */
  hasResumed = false;
  /** Owed epochs that the LCU was asked for and no longer has, in hexadecimal. */
  readonly gone = new RecentEpochs();
  /** Past epochs whose last entry may be stored of another unit, and that it was asked for that, in hexadecimal. */
  readonly doubted = new RecentEpochs();
  closed = false;
  /** Which chains of forked epochs its unit can be of. */
  readonly chains = new ShownChains();

  /** Keeps of what greeted it only what polls need: there are many sessions. */
  constructor({ lcu, publicKey, hello }: Greeted, channel: Channel) {
    const { version, lcuNonce, boot, epoch } = hello;
    const { lcuNo, lcuId, key } = lcu;
    this.lcu = { lcuNo, lcuId };
    this.keyFromMs = key?.fromMs ?? 0;
    this.standing = standingOf(lcu);
    this.present = { boot, atMs: undefined };
    this.publicKey = publicKey;
    this.hello = { version, lcuNonce, boot, epoch };
    this.channel = channel;
    this.recurring = [boot, epoch];
    this.owed = [{ epochs: [], at: epoch, settled: false, passes: 0, walked: [] }];
    // Bytes of their own: those that were encoded share 8 KiB with others, which they would all keep.
    this.answerHeader = new Uint8Array(protectedHeader(contentTypeOf(ANSWER), kidOf(publicKey)));
  }

  /** Takes in what a verified answer tells of the LCU itself. */
  told({ now, codeHash }: Pick<Answer, 'now' | 'codeHash'>): void {
    this.lastMonoMs = now[0];
    const { boot, epoch } = this.hello;
    if (codeHash && !this.recurring.includes(codeHash)) this.recurring = [boot, epoch, codeHash];
  }
}
