import type { HelloAnswer, OpenEpoch } from '@farola/shared';
import { ANSWER, contentTypeOf, kidOf, protectedHeader } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';
import type { Channel } from '../link/channel.js';
import type { Greeted } from '../link/hello-exchange.js';

/** One authenticated connection of an LCU, and what its answers have told so far. */
export class Session {
  readonly channel: Channel;
  readonly publicKey: Uint8Array;
  readonly hello: HelloAnswer;
  /** The one protected header that an answer of this LCU may carry. */
  readonly answerHeader: Uint8Array;
  lcu: Lcu;
  pollId = 0;
  /** Monotonic time in the last verified answer, ms. */
  lastMonoMs = 0;
  /** Epochs that the LCU said it holds, oldest first. */
  openEpochs: readonly OpenEpoch[] = [];
  closed = false;

  constructor({ lcu, publicKey, hello }: Greeted, channel: Channel) {
    this.lcu = lcu;
    this.publicKey = publicKey;
    this.hello = hello;
    this.channel = channel;
    this.answerHeader = protectedHeader(contentTypeOf(ANSWER), kidOf(publicKey));
  }
}
