import { kidOf } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';
import { checkApprovable, checkInvitable, checkNames, judgeEnrolment, stateAfter } from './fleet-rules.js';
import type {
  Decision,
  Enrolment,
  Fleet,
  Invitation,
  KeptDecision,
  Lcu,
  LcuKey,
  LcuState,
  NewInvitation,
  Standing,
} from './fleet.js';
import { changeFleet } from './sqlite-change.js';
import { type FleetStatements, type LcuColumns, prepareFleet } from './sqlite-fleet-statements.js';

/** The fleet in `state.db`. Its rules are those of fleet-rules.ts. */
export class SqliteFleet implements Fleet {
  readonly #db: Database;
  readonly #sql: FleetStatements;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepareFleet(db);
  }

  invite(lcuId: string, panel: string, invitation: NewInvitation, atMs: number): Lcu {
    checkNames(lcuId, panel);
    return this.#change(() => {
      const known = this.#find(lcuId);
      checkInvitable(known);
      const lcuNo = known?.lcuNo ?? this.#add(lcuId, atMs);
      if (known?.panel !== panel) this.#moveTo(lcuNo, panel, atMs);
      if (known?.state === 'pending') this.#sql.dropPendingKey.run(lcuNo);
      this.#sql.setState.run('invited', 0, lcuNo);
      this.#sql.endInvitations.run(atMs, lcuNo);
      this.#sql.addInvitation.run(invitation.tokenHash, lcuNo, invitation.expiresAtMs);
      return this.#existing(lcuId);
    });
  }

  invitation(tokenHash: Uint8Array): Invitation | undefined {
    return this.#read(() => this.#invitation(tokenHash));
  }

  enrol(enrolment: Enrolment): Lcu {
    const { lcuId, tokenHash, publicKey, request, words, assurance, atMs } = enrolment;
    const kid = kidOf(publicKey);
    return this.#change(() => {
      const lcu = this.#find(lcuId);
      const keyKnown = this.#sql.keyKnown.get(kid, publicKey) !== undefined;
      const verdict = judgeEnrolment({ enrolment, invitation: this.#invitation(tokenHash), lcu, keyKnown });
      if (verdict === 'new' && lcu) {
        this.#sql.useInvitation.run(atMs, tokenHash);
        this.#sql.addKey.run(kid, lcu.lcuNo, publicKey, request, JSON.stringify(words), tokenHash, atMs);
        this.#sql.setState.run('pending', assurance, lcu.lcuNo);
      } else if (verdict === 'again') {
        this.#sql.renewRequest.run(request, JSON.stringify(words), kid);
      }
      return this.#existing(lcuId);
    });
  }

  approve(lcuId: string, atMs: number): Lcu {
    return this.#change(() => {
      const { lcuNo, assurance } = checkApprovable(lcuId, this.#find(lcuId));
      this.#sql.keyInForce.run(atMs, lcuNo);
      this.#sql.setState.run('active', assurance, lcuNo);
      this.#sql.setStanding.run(null, null, null, null, lcuNo);
      return this.#existing(lcuId);
    });
  }

  decide(lcuId: string, { decision, atMs, reason, by }: Standing, stored?: string): Lcu {
    return this.#change(() => {
      const lcu = this.#find(lcuId);
      const state = stateAfter(lcuId, lcu, decision);
      const { lcuNo, assurance } = lcu ?? this.#existing(lcuId);
      this.#sql.setState.run(state, assurance, lcuNo);
      this.#sql.setStanding.run(decision, atMs, reason, by, lcuNo);
      this.#sql.addDecision.run(lcuNo, decision, atMs, reason, by, stored ?? null);
      if (state === 'revoked' || state === 'retired') {
        if (lcu?.state === 'pending') this.#sql.dropPendingKey.run(lcuNo);
        this.#sql.endKey.run(atMs, lcuNo);
        this.#sql.endInvitations.run(atMs, lcuNo);
      }
      return this.#existing(lcuId);
    });
  }

  words(lcuId: string): readonly string[] | undefined {
    return this.#read(() => {
      const lcu = this.#find(lcuId);
      const words = lcu?.key && this.#sql.keys.all(lcu.lcuNo).at(-1)?.words;
      return words === undefined ? undefined : (JSON.parse(words) as string[]);
    });
  }

  find(lcuId: string): Lcu | undefined {
    return this.#read(() => this.#find(lcuId));
  }

  findByKid(kid: Uint8Array): Lcu | undefined {
    return this.#read(() => toLcu(this.#sql.lcuByKid.get({ kid })));
  }

  list(): readonly Lcu[] {
    return this.#read(() => this.#sql.lcus.all().flatMap((row) => toLcu(row) ?? []));
  }

  keyHistory(lcuNo: number): readonly LcuKey[] {
    return this.#read(() =>
      this.#sql.keys.all(lcuNo).map(({ public_key, kid, from_ms, to_ms, request }) => {
        return { publicKey: public_key, kid, fromMs: from_ms, toMs: to_ms, request };
      }),
    );
  }

  decisions(lcuNo: number): readonly KeptDecision[] {
    return this.#read(() =>
      this.#sql.decisions.all(lcuNo).map(({ decision, decided_at_ms, reason, decided_by, stored }) => {
        return { decision: decision as Decision, atMs: decided_at_ms, reason, by: decided_by, stored };
      }),
    );
  }

  version(): number {
    return this.#read(() => this.#sql.version.get() ?? 0);
  }

  #find(lcuId: string): Lcu | undefined {
    return toLcu(this.#sql.lcu.get(lcuId));
  }

  #existing(lcuId: string): Lcu {
    const lcu = this.#find(lcuId);
    if (!lcu) throw new RangeError(`LCU ${lcuId} was written and is not there`);
    return lcu;
  }

  #invitation(hash: Uint8Array): Invitation | undefined {
    const row = this.#sql.invitation.get(hash);
    if (!row) return undefined;
    const { lcu_id, token_hash, expires_at_ms, used_at_ms, replaced_at_ms } = row;
    return {
      lcuId: lcu_id,
      tokenHash: token_hash,
      expiresAtMs: expires_at_ms,
      usedAtMs: used_at_ms,
      replacedAtMs: replaced_at_ms,
    };
  }

  #add(lcuId: string, atMs: number): number {
    const lcuNo = this.#sql.nextNo.get() ?? 0;
    this.#sql.addLcu.run(lcuNo, lcuId, atMs);
    return lcuNo;
  }

  #moveTo(lcuNo: number, panel: string, atMs: number): void {
    this.#sql.addPanel.run(panel, atMs);
    this.#sql.endStay.run(atMs, lcuNo);
    this.#sql.beginStay.run(lcuNo, panel, atMs);
  }

  #read<Value>(work: () => Value): Value {
    return onStore(this.#db.name, work);
  }

  #change<Value>(work: () => Value): Value {
    return changeFleet(this.#db, work);
  }
}

function toLcu(row: LcuColumns | undefined): Lcu | undefined {
  if (!row) return undefined;
  const { lcu_no, lcu_id, assurance, panel, added_at_ms } = row;
  const state = row.state as LcuState;
  const known = { lcuNo: lcu_no, lcuId: lcu_id, state, assurance, panel, addedAtMs: added_at_ms };
  return { ...known, key: toKey(row), standing: toStanding(row) };
}

function toKey({ public_key, kid, from_ms, to_ms, request }: LcuColumns): LcuKey | undefined {
  if (!public_key || !kid || !request || from_ms === null) return undefined;
  return { publicKey: public_key, kid, fromMs: from_ms, toMs: to_ms, request };
}

function toStanding({ decision, decided_at_ms, decision_reason, decided_by }: LcuColumns): Standing | null {
  if (!decision || decided_at_ms === null || decision_reason === null || decided_by === null) return null;
  return { decision: decision as Decision, atMs: decided_at_ms, reason: decision_reason, by: decided_by };
}
