import test from 'ava';
import { standingOf } from '@farola/collector/fleet/counting.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import { Contradictions } from '@farola/collector/poll/contradictions.js';
import type { LineageFinding } from '@farola/collector/poll/judge-lineage.js';
import { StandingOrder } from '@farola/collector/poll/standing-order.js';
import { sha256 } from '@farola/shared';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { MemoryFleet } from '../../fakes/memory-fleet.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { testSession } from '../../fakes/test-collector.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const OLD = new Uint8Array(8).fill(1);
const NEW = new Uint8Array(8).fill(2);
const FORK: LineageFinding = { code: 'chain-fork', facts: { at: 3 }, grave: true, epoch: OLD };
const PROOF = { poll: new Uint8Array(1), answer: new Uint8Array(2), entries: new Uint8Array(3) };

/** One active LCU, and what is found against it, each a second after the other. */
class Scene {
  readonly ledger = new MemoryLedger();
  readonly fleet = new MemoryFleet();
  readonly session = testSession(new MemoryChannel(), NEW);
  /** When the start entry of each epoch was received, ms. */
  readonly began = new Map<number, number>([[OLD[0]!, 5]]);
  readonly contradictions: Contradictions;
  nowMs = 1000;

  constructor() {
    const tokenHash = sha256(OLD);
    this.fleet.invite(ID, 'alameda-7', { tokenHash, expiresAtMs: 1 }, 0);
    const { publicKey } = testSigner(2);
    this.fleet.enrol({ lcuId: ID, tokenHash, publicKey, request: OLD, words: [], assurance: 0, atMs: 0 });
    this.fleet.approve(ID, 0);
    const { ledger, fleet } = this;
    const derived = {
      start: (_: number, epoch: Uint8Array) => {
        const atMs = this.began.get(epoch[0]!);
        return atMs === undefined ? undefined : { boot: new Uint8Array(16), atMs, previous: null };
      },
    };
    const silent = (): void => undefined;
    const log = { info: silent, warn: silent, error: silent };
    this.contradictions = new Contradictions({ ledger, fleet, derived, order: new StandingOrder({ ledger }), log });
  }

  found(change: Partial<LineageFinding> = {}): void {
    this.nowMs += 1000;
    this.contradictions.found(this.session, { ...FORK, ...change }, this.nowMs, PROOF);
  }

  decide(decision: Decision): void {
    this.nowMs += 1000;
    const standing = { decision, atMs: this.nowMs, reason: 'as the test says', by: 'ana' };
    this.session.standing = standingOf(decideStanding(this, ID, standing));
  }

  get state(): string | undefined {
    return this.fleet.find(ID)?.state;
  }

  /** How many findings are kept with their proof. */
  get kept(): number {
    return this.ledger.judgements(0).filter(({ kept }) => kept !== null).length;
  }

  get isSettled(): boolean {
    return this.contradictions.isSettled(this.session);
  }
}

test('a grave finding quarantines, a harmless one does not', (t) => {
  const scene = new Scene();
  scene.found({ code: 'state-went-back', grave: false });
  t.is(scene.state, 'active');
  scene.found();
  t.is(scene.state, 'quarantined');
  t.deepEqual(
    scene.ledger.judgements(0).map(({ code }) => code),
    ['state-went-back', 'chain-fork', 'quarantined'],
  );
});

test('of what is found four grave ones are kept and four others, and then nothing more is looked for', (t) => {
  const scene = new Scene();
  for (let i = 0; i < 10; i++) scene.found({ code: 'state-went-back', grave: false });
  t.is(scene.kept, 4);
  t.false(scene.isSettled);
  for (let i = 0; i < 4; i++) {
    t.false(scene.isSettled);
    scene.found();
  }
  t.true(scene.isSettled);
  for (let i = 0; i < 10; i++) scene.found();
  t.is(scene.kept, 8);
});

test('security: after a release it is looked for again, and what quarantines it then is kept with its proof', (t) => {
  const scene = new Scene();
  for (let i = 0; i < 6; i++) scene.found();
  t.is(scene.kept, 4);
  t.true(scene.isSettled);
  scene.decide('released');
  t.false(scene.isSettled, 'it counts again');
  scene.began.set(NEW[0]!, scene.nowMs + 1);
  scene.found({ epoch: NEW });
  t.is(scene.state, 'quarantined');
  t.is(scene.kept, 5);
  t.false(scene.isSettled);
  for (let i = 0; i < 6; i++) scene.found({ epoch: NEW });
  t.is(scene.kept, 8);
  t.true(scene.isSettled);
});

test('after a release a fork and a lost end of an epoch of before are told and quarantine nobody, and what it adds there does', (t) => {
  const scene = new Scene();
  scene.found();
  scene.decide('released');
  scene.found();
  scene.found({ code: 'state-went-back' });
  t.is(scene.state, 'active');
  t.is(scene.kept, 3);
  scene.found({ code: 'branch-delivers' });
  t.is(scene.state, 'quarantined');
});

test('security: after a release a fork quarantines in an epoch that began later, and in one of which it is not known when', (t) => {
  for (const atMs of [1_000_000, undefined]) {
    const scene = new Scene();
    scene.found();
    scene.decide('released');
    if (atMs !== undefined) scene.began.set(NEW[0]!, atMs);
    scene.found({ epoch: NEW });
    t.is(scene.state, 'quarantined', String(atMs));
  }
});

test('a finding against an LCU that a person has revoked meanwhile is kept, and changes nothing', (t) => {
  const scene = new Scene();
  const { standing } = scene.session;
  scene.decide('revoked');
  scene.session.standing = standing;
  t.notThrows(() => scene.found());
  t.is(scene.state, 'revoked');
  t.is(scene.kept, 1);
});
