import { kidOf, sameBytes, toHex } from '@farola/shared';
import { epochOf, isFirstBranch } from '@farola/collector/branch-id.js';
import { panelAt } from '@farola/collector/api/panel-at.js';
import { isNewer } from '@farola/collector/newer-sample.js';
import { mayBeLatest } from '@farola/collector/fleet/freshness.js';
import { epochStart, epochTable, successorOf, within } from '@farola/collector/fleet/epoch-table.js';
import { checkApprovable, checkInvitable, checkNames, judgeEnrolment, stateAfter } from '@farola/collector/fleet/fleet-rules.js';
import type {
  Anchor,
  ClockAnchors,
  Contact,
  DerivedChange,
  DerivedState,
  EpochStart,
  EpochTable,
  EventFact,
  HeldSample,
  LatestSample,
  MeterStay,
  NewAnchor,
  PlatformFact,
  Successor,
  SuccessorsAsked,
  TableFact,
} from '@farola/collector/fleet/derived-state.js';
import type {
  Enrolment,
  Fleet,
  Invitation,
  KeptDecision,
  Lcu,
  LcuKey,
  NewInvitation,
  PanelStay,
  Standing,
} from '@farola/collector/fleet/fleet.js';
import type { Span } from '@farola/collector/ledger/spans.js';
import { isLaterPlatform } from '@farola/collector/fleet/platform-fact.js';
import { meterStays } from '@farola/collector/fleet/meter-stays.js';

interface StoredLcu extends Lcu {
  readonly keys: readonly LcuKey[];
  readonly words: readonly string[] | undefined;
  readonly stays: readonly PanelStay[];
}

/** A fleet that forgets. */
export class MemoryFleet implements Fleet {
  readonly lcus: StoredLcu[] = [];
  readonly #invitations = new Map<string, Invitation>();
  readonly #decisions: (KeptDecision & { readonly lcuNo: number })[] = [];
  #version = 0;

  invite(lcuId: string, panel: string, { tokenHash, expiresAtMs }: NewInvitation, atMs: number): Lcu {
    checkNames(lcuId, panel);
    const known = this.#stored(lcuId);
    checkInvitable(known);
    const lcu = known ?? this.#newLcu(lcuId, atMs);
    const stays = lcu.panel === panel ? lcu.stays : [...lcu.stays.map(endedAt(atMs)), { panel, lcuId, fromMs: atMs, toMs: null }];
    for (const [hash, one] of this.#invitations) {
      const open = one.lcuId === lcuId && one.usedAtMs === null && one.replacedAtMs === null;
      if (open) this.#invitations.set(hash, { ...one, replacedAtMs: atMs });
    }
    this.#invitations.set(toHex(tokenHash), { lcuId, tokenHash, expiresAtMs, usedAtMs: null, replacedAtMs: null });
    const dropped = lcu.state === 'pending' ? lcu.keys.map((key) => ({ ...key, toMs: key.toMs ?? key.fromMs })) : lcu.keys;
    const key = dropped.findLast(({ fromMs, toMs }) => toMs === null || toMs > fromMs);
    const fresh = { state: 'invited', assurance: 0, key, words: undefined, keys: dropped } as const;
    return this.#put({ ...lcu, ...fresh, panel, stays });
  }

  invitation(tokenHash: Uint8Array): Invitation | undefined {
    return this.#invitations.get(toHex(tokenHash));
  }

  enrol(enrolment: Enrolment): Lcu {
    const { lcuId, tokenHash, publicKey, request, words, assurance, atMs } = enrolment;
    const lcu = this.#stored(lcuId);
    const invitation = this.invitation(tokenHash);
    const keyKnown = this.lcus.some(({ keys }) => keys.some((key) => sameBytes(key.kid, kidOf(publicKey))));
    const verdict = judgeEnrolment({ enrolment, invitation, lcu, keyKnown });
    if (!lcu || !invitation) throw new RangeError(`no LCU ${lcuId}`);
    if (verdict === 'again') {
      const renewed: LcuKey = { ...(lcu.key as LcuKey), request };
      return this.#put({ ...lcu, key: renewed, keys: [...lcu.keys.slice(0, -1), renewed], words });
    }
    this.#invitations.set(toHex(tokenHash), { ...invitation, usedAtMs: atMs });
    const key: LcuKey = { publicKey, kid: kidOf(publicKey), fromMs: atMs, toMs: null, request };
    return this.#put({ ...lcu, state: 'pending', assurance, key, keys: [...lcu.keys, key], words });
  }

  approve(lcuId: string, atMs: number): Lcu {
    checkApprovable(lcuId, this.find(lcuId));
    const lcu = this.#stored(lcuId) as StoredLcu;
    const key: LcuKey = { ...(lcu.key as LcuKey), fromMs: atMs };
    return this.#put({ ...lcu, state: 'active', key, keys: [...lcu.keys.slice(0, -1), key], standing: null });
  }

  decide(lcuId: string, standing: Standing, stored?: string): Lcu {
    const state = stateAfter(lcuId, this.find(lcuId), standing.decision);
    const lcu = this.#stored(lcuId) as StoredLcu;
    this.#decisions.push({ lcuNo: lcu.lcuNo, ...standing, stored: stored ?? null });
    if (state !== 'revoked' && state !== 'retired') return this.#put({ ...lcu, state, standing });
    for (const [hash, one] of this.#invitations) {
      const open = one.lcuId === lcuId && one.usedAtMs === null && one.replacedAtMs === null;
      if (open) this.#invitations.set(hash, { ...one, replacedAtMs: standing.atMs });
    }
    const endMs = (key: LcuKey): number => (lcu.state === 'pending' ? key.fromMs : Math.max(standing.atMs, key.fromMs));
    const keys = lcu.keys.map((key) => ({ ...key, toMs: key.toMs ?? endMs(key) }));
    const key = keys.findLast(({ fromMs, toMs }) => toMs > fromMs);
    return this.#put({ ...lcu, state, standing, keys, key });
  }

  words(lcuId: string): readonly string[] | undefined {
    return this.#stored(lcuId)?.words;
  }

  find(lcuId: string): Lcu | undefined {
    const lcu = this.#stored(lcuId);
    return lcu && publicPart(lcu);
  }

  findByKid(kid: Uint8Array): Lcu | undefined {
    const lcu = this.lcus.find(({ key }) => key && sameBytes(key.kid, kid));
    return lcu && publicPart(lcu);
  }

  list(): readonly Lcu[] {
    return this.lcus.map(publicPart).sort((a, b) => (a.lcuId < b.lcuId ? -1 : 1));
  }

  keyHistory(lcuNo: number): readonly LcuKey[] {
    return this.lcus[lcuNo]?.keys ?? [];
  }

  decisions(lcuNo: number): readonly KeptDecision[] {
    return this.#decisions.filter((one) => one.lcuNo === lcuNo).map(({ lcuNo: _, ...decision }) => decision);
  }

  version(): number {
    return this.#version;
  }

  #stored(lcuId: string): StoredLcu | undefined {
    return this.lcus.find((lcu) => lcu.lcuId === lcuId);
  }

  #newLcu(lcuId: string, atMs: number): StoredLcu {
    return {
      lcuNo: this.lcus.length,
      lcuId,
      state: 'invited',
      assurance: 0,
      panel: '',
      addedAtMs: atMs,
      key: undefined,
      standing: null,
      keys: [],
      words: undefined,
      stays: [],
    };
  }

  #put(lcu: StoredLcu): Lcu {
    this.lcus[lcu.lcuNo] = lcu;
    this.#version++;
    return publicPart(lcu);
  }
}

function publicPart({ lcuNo, lcuId, state, assurance, panel, addedAtMs, key, standing }: StoredLcu): Lcu {
  return { lcuNo, lcuId, state, assurance, panel, addedAtMs, key, standing };
}

function endedAt(atMs: number): (stay: PanelStay) => PanelStay {
  return (stay) => ({ ...stay, toMs: stay.toMs ?? atMs });
}

/** A derived state that forgets, of a fleet in memory. `fail` makes the next changes throw. */
export class MemoryDerived implements DerivedState {
  readonly #fleet: MemoryFleet;
  readonly #contacts = new Map<number, Contact>();
  readonly #latest = new Map<string, LatestSample>();
  readonly #facts = new Map<string, TableFact>();
  readonly #events = new Map<string, EventFact>();
  readonly #anchors = new Map<string, NewAnchor>();
  readonly #platforms = new Map<number, PlatformFact>();
  #applied = 0;
  /** Asked before each change: what to throw, or undefined. */
  fail: () => Error | undefined = () => undefined;

  constructor(fleet: MemoryFleet = new MemoryFleet()) {
    this.#fleet = fleet;
  }

  apply({ contacts, latest, tables, events, anchors, platforms, upToKey }: DerivedChange): readonly EventFact[] {
    const error = this.fail();
    if (error) throw error;
    for (const contact of contacts) this.#contacts.set(contact.lcuNo, contact);
    for (const fact of tables) {
      const place = `${fact.lcuNo} ${toHex(fact.epoch)} ${fact.n}`;
      if (!this.#facts.has(place)) this.#facts.set(place, fact);
    }
    for (const sample of latest) {
      if (!mayBeLatest(sample, () => this.table(sample.lcuNo, sample.epoch))) continue;
      const place = `${sample.lcuNo} ${sample.analyser}`;
      const old = this.#latest.get(place);
      if (!old || isNewer(sample, old, (epoch) => this.start(sample.lcuNo, epoch)?.previous?.epoch)) {
        this.#latest.set(place, sample);
      }
    }
    for (const anchor of anchors) {
      const place = `${anchor.lcuNo} ${toHex(anchor.boot)} ${anchor.source}`;
      if (!this.#anchors.has(place)) this.#anchors.set(place, anchor);
    }
    for (const fact of platforms) {
      const old = this.#platforms.get(fact.lcuNo);
      if (!old || isLaterPlatform(fact, old)) this.#platforms.set(fact.lcuNo, fact);
    }
    this.#applied = upToKey ?? this.#applied;
    const fresh = events.filter(({ lcuNo, epoch, n }) => !this.#events.has(`${lcuNo} ${toHex(epoch)} ${n}`));
    for (const event of fresh) this.#events.set(`${event.lcuNo} ${toHex(event.epoch)} ${event.n}`, event);
    return fresh;
  }

  anchors(lcuNo: number, boot: Uint8Array): ClockAnchors {
    const of = (source: keyof ClockAnchors): Anchor | undefined => {
      const anchor = this.#anchors.get(`${lcuNo} ${toHex(boot)} ${source}`);
      return anchor && { monoMs: anchor.monoMs, wallMs: anchor.wallMs };
    };
    return { contact: of('contact'), clock: of('clock') };
  }

  events(fromMs: number, lcuNo?: number): readonly EventFact[] {
    const asked = [...this.#events.values()].filter(
      (event) => event.receivedAtMs >= fromMs && (lcuNo === undefined || event.lcuNo === lcuNo),
    );
    return asked.sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.lcuNo - b.lcuNo || a.atMs - b.atMs || a.n - b.n);
  }

  contact(lcuNo: number): Contact | undefined {
    return this.#contacts.get(lcuNo);
  }

  platform(lcuNo: number): PlatformFact | undefined {
    return this.#platforms.get(lcuNo);
  }

  latest(lcuNo: number): readonly HeldSample[] {
    const samples = [...this.#latest.values()]
      .filter((sample) => sample.lcuNo === lcuNo)
      .map((sample) => ({ ...sample, ageLost: false }));
    return samples.sort((a, b) => a.analyser - b.analyser);
  }

  latestOfAll(): ReadonlyMap<number, readonly HeldSample[]> {
    const lcus = [...new Set([...this.#latest.values()].map(({ lcuNo }) => lcuNo))].sort((a, b) => a - b);
    return new Map(lcus.map((lcuNo) => [lcuNo, this.latest(lcuNo)]));
  }

  start(lcuNo: number, epoch: Uint8Array): EpochStart | undefined {
    const fact = this.#factsOf(lcuNo).find((one) => one.n === 1 && sameBytes(one.epoch, epoch));
    return fact && epochStart(fact);
  }

  successors(lcuNo: number, epoch: Uint8Array | null, { limit, fromMs = 0 }: SuccessorsAsked): readonly Successor[] {
    const following = this.#factsOf(lcuNo).filter(({ epoch: id, n, previous, atMs }) => {
      return (
        n === 1 &&
        isFirstBranch(id) &&
        atMs >= fromMs &&
        (epoch && previous ? sameBytes(epoch, previous.epoch) : epoch === previous)
      );
    });
    return following
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, limit)
      .map(successorOf);
  }

  table(lcuNo: number, id: Uint8Array, shared: () => readonly Span[] = () => []): EpochTable | undefined {
    const of = (chain: Uint8Array): TableFact[] => this.#factsOf(lcuNo).filter((fact) => sameBytes(fact.epoch, chain));
    return epochTable(isFirstBranch(id) ? of(id) : [...within(of(epochOf(id)), shared()), ...of(id)]);
  }

  appliedKey(): number {
    return this.#applied;
  }

  panelStays(lcuNo: number): readonly PanelStay[] {
    return this.#fleet.lcus[lcuNo]?.stays ?? [];
  }

  meterStays(panel?: string): readonly MeterStay[] {
    const sightings = this.#fleet.lcus.flatMap(({ lcuNo }) =>
      this.#factsOf(lcuNo)
        .filter((fact) => isFirstBranch(fact.epoch))
        .map((fact) => ({ ...fact, panel: panelAt(this.panelStays(lcuNo), fact.atMs) ?? '' })),
    );
    return meterStays(sightings.filter((sighting) => panel === undefined || sighting.panel === panel));
  }

  #factsOf(lcuNo: number): TableFact[] {
    return [...this.#facts.values()].filter((fact) => fact.lcuNo === lcuNo);
  }
}
