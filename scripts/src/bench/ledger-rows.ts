import type { NewAnswer } from '@farola/collector/ledger/ledger.js';
import type { LcuIdentity } from '@farola/collector/proof/prove-row.js';
import { sodiumSigner } from '@farola/collector/trust/sodium-signer.js';
import {
  ANSWER,
  chainHeads,
  chainSeed,
  encodeEntry,
  encodeItems,
  POLL,
  sha256,
  type Signer,
  signMessage,
  systemRandom,
  WANT,
} from '@farola/shared';
import { BENCH_ANALYSERS, clocksAt, ROUND_MS, samplesOf } from './bench-samples.js';

/** Samples of one answer: two analysers, five minutes. */
export const SAMPLES_OF_ANSWER = 10;

/** First day of the bench's ledger: a month of 31 days. */
const BEGIN_MS = Date.UTC(2026, 2, 1);

/** An LCU that answers polls in memory. */
interface Panel extends LcuIdentity {
  readonly signer: Signer;
  readonly epoch: Uint8Array;
  readonly boot: Uint8Array;
  n: number;
  head: Uint8Array;
}

/** What a ledger is filled with: real polls and answers, each signed, as a fleet gives them round by round. */
export class LedgerRows {
  readonly pollSigner: Signer;
  readonly #panels: readonly Panel[];
  #round = 0;

  private constructor(pollSigner: Signer, panels: readonly Panel[]) {
    this.pollSigner = pollSigner;
    this.#panels = panels;
  }

  static async of(lcus: number): Promise<LedgerRows> {
    const panels: Panel[] = [];
    for (let lcuNo = 0; lcuNo < lcus; lcuNo++) {
      const signer = await sodiumSigner(systemRandom.bytes(32));
      const lcuId = `bench-${lcuNo}`;
      const epoch = systemRandom.bytes(8);
      const head = chainSeed(lcuId, epoch);
      panels.push({ lcuNo, lcuId, publicKeys: [signer.publicKey], signer, epoch, boot: systemRandom.bytes(16), n: 0, head });
    }
    return new LedgerRows(await sodiumSigner(systemRandom.bytes(32)), panels);
  }

  get lcus(): readonly LcuIdentity[] {
    return this.#panels;
  }

  /** Wall time at which the next round is received, ms. */
  get nowMs(): number {
    return BEGIN_MS + this.#round * ROUND_MS;
  }

  /** The answers of the next round, one of each LCU. */
  round(): NewAnswer[] {
    const receivedAtMs = this.nowMs;
    const answers = this.#panels.map((panel) => this.#answer(panel, receivedAtMs));
    this.#round++;
    return answers;
  }

  #answer(panel: Panel, receivedAtMs: number): NewAnswer {
    const { lcuNo, lcuId, epoch, boot, head: prev } = panel;
    const now = clocksAt(this.#round);
    const from = panel.n + 1;
    const items = from === 1 ? [startOf(panel, now), ...samplesOf(this.#round)] : samplesOf(this.#round);
    const to = panel.n + items.length;
    const head = chainHeads(prev, items).at(-1) ?? prev;
    const poll = this.#poll(panel, receivedAtMs);
    const answer = signMessage(
      ANSWER,
      {
        ...{ version: 1, lcuId, pollId: this.#round + 1, nonce: poll.nonce, pollHash: sha256(poll.signed), boot, epoch },
        ...{ now: [now.monoMs, now.wallMs, 2], from, to, prev, head, openEpochs: [[epoch, from, to]], gaps: [] },
        ...{ codeHash: null, programHash: null, circuits: [], health: new Map() },
      },
      panel.signer,
    );
    panel.n = to;
    panel.head = head;
    const entries = encodeItems(items);
    const adds = [{ from, to, prev, head }];
    const nothing = { shares: [], gaps: [], told: [] };
    return { lcuNo, receivedAtMs, poll: poll.signed, answer, epoch, first: from, base: prev, entries, adds, ...nothing };
  }

  #poll({ lcuId, epoch, n, head }: Panel, issuedAt: number): { readonly signed: Uint8Array; readonly nonce: Uint8Array } {
    const nonce = systemRandom.bytes(16);
    const signed = signMessage(
      POLL,
      {
        ...{ version: 1, lcuId, collectorId: 'bench', lcuNonce: nonce, pollId: this.#round + 1, nonce, deadlineMs: 10_000 },
        ...{ issuedAt, acks: n === 0 ? [] : [[epoch, n, head]], want: [WANT.newest, epoch, n] },
      },
      this.pollSigner,
    );
    return { signed, nonce };
  }
}

function startOf({ boot }: Panel, at: ReturnType<typeof clocksAt>): Uint8Array {
  const entry = {
    kind: 'start',
    at,
    boot,
    previous: null,
    codeHash: null,
    configHash: sha256(boot),
    agentVersion: 'bench',
  } as const;
  return encodeEntry({ ...entry, analysers: BENCH_ANALYSERS });
}
