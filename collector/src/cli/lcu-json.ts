import { jsonTime, systemClock, toHex } from '@farola/shared';
import type { Contact, MeterStay } from '../fleet/derived-state.js';
import type { KeptDecision, Lcu, LcuKey, PanelStay } from '../fleet/fleet.js';
import type { PlatformMark } from '../fleet/platform-book.js';
import type { CodeMark } from '../fleet/release-book.js';
import type { SqliteState } from '../fleet/sqlite-state.js';

/** What is thought of an LCU's code and platform; undefined before its first verified answer. */
export interface Marks {
  readonly code: CodeMark | undefined;
  readonly platform: (PlatformMark & { readonly hash: string | null }) | undefined;
}

/** An LCU, what its polls gave, and what is thought of what it runs. */
export interface ToldLcu extends Marks {
  readonly lcu: Lcu;
  readonly contact: Contact | undefined;
}

/** One LCU of `lcu list --json` and `lcu show --json`; docs/json.md has each field. */
export function lcuJson({ lcu, contact, code, platform }: ToldLcu, { ageLosses }: Pick<SqliteState, 'ageLosses'>): object {
  const { lcuId, panel, state, assurance, addedAtMs, key, standing } = lcu;
  const lost = contact !== undefined && ageLosses.isContactLost(contact.lcuNo, contact.lastGoodAtMs);
  const codeHash = contact?.codeHash ? toHex(contact.codeHash) : null;
  return {
    lcuId,
    panel,
    state,
    assurance: `A${assurance}`,
    addedAt: jsonTime(addedAtMs),
    publicKey: key ? toHex(key.publicKey) : null,
    standing: standing && { decision: standing.decision, at: jsonTime(standing.atMs), reason: standing.reason, by: standing.by },
    lastAnswer: answerJson(contact?.lastGoodAtMs ?? null, lost),
    lastPoll: contact ? { at: jsonTime(contact.lastAtMs), code: contact.verdict } : null,
    answersVerified: contact?.answersOk ?? 0,
    answersRefused: contact?.answersRefused ?? 0,
    entriesStored: contact?.entriesStored ?? 0,
    backlog: contact?.backlog ?? null,
    code: code ? { mark: code.mark, name: code.name ?? null, reason: code.reason ?? null, codeHash } : null,
    platform: platform ? { mark: platform.mark, reason: platform.reason ?? null, platformHash: platform.hash } : null,
  };
}

/** A time of before the wall clock went back says nothing of how long ago that was. */
function answerJson(atMs: number | null, ageLost: boolean): object | null {
  if (atMs === null) return null;
  const ageSeconds = ageLost ? null : Math.max(0, Math.floor((systemClock().now().wallMs - atMs) / 1_000));
  return { at: jsonTime(atMs), ageSeconds };
}

/** What an LCU was before, and what was decided of it. */
export interface LcuHistory {
  readonly keys: readonly LcuKey[];
  readonly decisions: readonly KeptDecision[];
  readonly panels: readonly PanelStay[];
  readonly meters: readonly MeterStay[];
}

/** The keys, decisions, panels and meters of an LCU, each with its time. */
export function historyJson({
  keys,
  decisions,
  panels,
  meters,
}: LcuHistory): Readonly<Record<keyof LcuHistory, readonly object[]>> {
  return {
    decisions: decisions.map(({ decision, atMs, reason, by }) => ({ decision, at: jsonTime(atMs), reason, by })),
    keys: keys.map(({ publicKey, ...stay }) => ({ publicKey: toHex(publicKey), ...spanJson(stay) })),
    panels: panels.map(({ panel, ...stay }) => ({ panel, ...spanJson(stay) })),
    meters: meters.map(({ point, analyserId, profileId, profileOrigin, serialNumber, ...stay }) => {
      return { point, analyserId, profileId, profileOrigin, serialNumber, ...spanJson(stay) };
    }),
  };
}

function spanJson({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number | null }): object {
  return { from: jsonTime(fromMs), to: jsonTime(toMs) };
}
