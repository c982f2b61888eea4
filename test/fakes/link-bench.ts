import { Connection, type ConnectionDeps } from '@farola/agent/link/connection.js';
import type { Log } from '@farola/agent/log/log.js';
import { type ErrorCode, encodeFrame, HELLO, KINDS, POLL, type Poll, signMessage, systemRandom, WANT } from '@farola/shared';
import { FakeTime } from './fake-time.js';
import { RecordedChannel } from './recorded-channel.js';
import { EPOCH_START } from './test-journal.js';
import { asyncSigner, nodeVerify, testSigner } from './test-signer.js';
import type { Journal } from '@farola/agent/journal/journal.js';

export const LCU_KEY = testSigner(1);
export const POLL_KEY = testSigner(2);
export const LCU_ID = 'malaga-0042';
export const COLLECTOR_ID = 'malaga';

/** A log whose codes and messages a test looks at. */
export class RecordedLog implements Log {
  readonly codes: ErrorCode[] = [];
  readonly messages: string[] = [];
  readonly told: { readonly facts: object; readonly message: string }[] = [];

  info(facts: object, message: string): void {
    this.messages.push(message);
    this.told.push({ facts, message });
  }

  warn(code: ErrorCode): void {
    this.codes.push(code);
  }

  fail(code: ErrorCode): void {
    this.codes.push(code);
  }
}

/** What a connection needs, around this journal. */
export function connectionDeps(journal: Journal, log: Log, time = new FakeTime()): ConnectionDeps {
  return {
    lcuId: LCU_ID,
    collectorId: COLLECTOR_ID,
    pollKeys: () => [POLL_KEY.publicKey],
    signer: asyncSigner(LCU_KEY),
    verify: nodeVerify,
    boot: EPOCH_START.boot,
    codeHash: () => null,
    journal,
    health: () => new Map([[1, 2]]),
    clock: time,
    random: systemRandom,
    log,
  };
}

/** A connection over a recorded channel. */
export function benchConnection(journal: Journal, signer = asyncSigner(LCU_KEY)) {
  const channel = new RecordedChannel();
  const log = new RecordedLog();
  const told = { greeted: 0, answered: 0 };
  const connection = new Connection(
    channel,
    { ...connectionDeps(journal, log), signer },
    {
      greeted: () => told.greeted++,
      answered: () => told.answered++,
    },
  );
  return { channel, log, told, connection };
}

/** A frame with a good hello, but for the changes. */
export function helloFrame(change: object = {}, signer = POLL_KEY): Uint8Array {
  const hello = {
    version: 1,
    collectorId: COLLECTOR_ID,
    versions: [1],
    encodings: [],
    nonce: new Uint8Array(16).fill(8),
    issuedAt: 0,
    ...change,
  };
  return encodeFrame(KINDS.hello.number, signMessage(HELLO, hello, signer));
}

/** A frame with a good first poll for this nonce, but for the changes. */
export function pollFrame(lcuNonce: Uint8Array, epoch: Uint8Array, change: Partial<Poll> = {}, signer = POLL_KEY): Uint8Array {
  const poll: Poll = {
    version: 1,
    lcuId: LCU_ID,
    collectorId: COLLECTOR_ID,
    lcuNonce,
    pollId: 1,
    nonce: new Uint8Array(16).fill(4),
    deadlineMs: 10_000,
    issuedAt: 0,
    acks: [],
    want: [WANT.newest, epoch, 0],
    ...change,
  };
  return encodeFrame(KINDS.poll.number, signMessage(POLL, poll, signer));
}
