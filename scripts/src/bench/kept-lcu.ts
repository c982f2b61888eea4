import { Redial } from '@farola/agent/link/redial.js';
import { cutFrame, KINDS, type Signer, systemRandom, systemTimers } from '@farola/shared';
import { WebSocket } from 'ws';
import { bootOf, SimulatedLcu } from '../simulated-lcu.js';
import { BENCH_ANALYSERS, clocksAt, samplesOf } from './bench-samples.js';
import type { PeerAddress } from './peer-messages.js';

const BOOT = bootOf('b0');
/** Defaults of the agent's configuration. */
const REDIAL = { minMs: 1000, maxMs: 60_000 };
/** As the agent: a dial, and a hello after it. */
const DIAL_MS = 20_000;
const HELLO_MS = 15_000;
/** Close codes of a collector that ends in order, as agent/src/link/link.ts has them. */
const ORDERLY: ReadonlySet<number> = new Set([1000, 1001, 1012, 4000]);

/**
 * A simulated LCU that comes back whenever its connection is lost, after the waits of the agent. It keeps its entries, so
 * that what a cut took is delivered again, and has one round of samples more at each poll.
 */
export class KeptLcu {
  readonly #to: PeerAddress;
  readonly #lcu: SimulatedLcu;
  readonly #redial = new Redial(REDIAL, systemRandom);
  #ws: WebSocket | undefined;
  #round = 0;
  #told: () => void = () => undefined;

  constructor(lcuId: string, signer: Signer, to: PeerAddress) {
    this.#to = to;
    const now = () => clocksAt(this.#round);
    this.#lcu = new SimulatedLcu({ lcuId, signer, random: systemRandom, boot: BOOT, now, analysers: BENCH_ANALYSERS });
    this.#lcu.listsAll = false;
    this.#dial();
  }

  /** Resolves when a poll was answered for the first time. */
  connected(): Promise<void> {
    return new Promise((resolve) => (this.#told = resolve));
  }

  /** Loses the connection without a word. */
  cut(): void {
    this.#ws?.terminate();
  }

  #dial(): void {
    const { url, tls } = this.#to;
    const ws = new WebSocket(url, { ...tls, perMessageDeflate: false, skipUTF8Validation: true, handshakeTimeout: DIAL_MS });
    this.#ws = ws;
    const hello = systemTimers.after(DIAL_MS + HELLO_MS, () => ws.terminate());
    ws.on('error', () => undefined);
    ws.on('message', (frame: Buffer) => {
      hello.cancel();
      this.#answer(ws, frame);
    });
    ws.once('close', (code, reason) => {
      hello.cancel();
      const waitMs = this.#redial.nextDelayMs(reason.toString() || 'collector-unreachable', ORDERLY.has(code));
      systemTimers.after(waitMs, () => this.#dial());
    });
  }

  #answer(ws: WebSocket, frame: Uint8Array): void {
    const isPoll = cutFrame(frame).kind === KINDS.poll.number;
    if (isPoll) for (const sample of samplesOf(this.#round++)) this.#lcu.appendBytes(sample);
    const answer = this.#lcu.receive(frame);
    if (!answer) return ws.terminate();
    ws.send(answer, { binary: true });
    this.#lcu.polls.length = 0;
    if (!isPoll) return;
    this.#redial.reset();
    this.#told();
  }
}
