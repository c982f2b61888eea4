import type { FleetContext, LcuFacts, ToldState } from '@farola/collector/status/lcu-facts.js';
import type { Contact } from '@farola/collector/fleet/derived-state.js';
import { testLcu } from './test-collector.js';

/** When the facts of a test are looked at, ms. */
export const NOW_MS = Date.UTC(2026, 10, 23, 3, 0, 0);
export const ROUND_MS = 300_000;

/** A collector that runs, with release keys and platforms in use. */
export const CONTEXT: FleetContext = {
  nowMs: NOW_MS,
  asOfMs: NOW_MS,
  begunMs: NOW_MS - 86_400_000,
  roundMs: ROUND_MS,
  usesReleases: true,
  usesPlatforms: true,
};

const CONTACT: Contact = {
  lcuNo: 0,
  lastGoodAtMs: NOW_MS - 60_000,
  lastAtMs: NOW_MS - 60_000,
  verdict: 'ok',
  answersOk: 10,
  answersRefused: 0,
  entriesStored: 100,
  backlog: 0,
  codeHash: new Uint8Array(32).fill(1),
};

/** What a well LCU told, otherwise where it is said. */
export function told(change: Partial<ToldState> = {}): ToldState {
  return {
    receivedAtMs: NOW_MS - 60_000,
    wallMs: NOW_MS - 60_000,
    clock: 'synchronised',
    health: new Map(),
    epoch: new Uint8Array(8),
    openEpochs: [],
    ...change,
  };
}

/** The contact of a well LCU, otherwise where it is said. */
export function contact(change: Partial<Contact> = {}): Contact {
  return { ...CONTACT, ...change };
}

/** An LCU that is well, otherwise where it is said. */
export function facts(change: Partial<LcuFacts> = {}): LcuFacts {
  return {
    lcu: testLcu('active'),
    contact: CONTACT,
    contactAgeLost: false,
    runs: [{ lcuNo: 0, fromMs: NOW_MS - 10 * ROUND_MS - 60_000, roundMs: ROUND_MS, rounds: 11, outcome: 'ok' }],
    uptime: { up: 10, down: 0, unknown: 0, spells: [] },
    quarantinedFor: undefined,
    awaitsRestart: false,
    newestSample: { atMs: NOW_MS - 90_000, status: 'complete', periodS: 60 },
    failing: [],
    told: told(),
    withheld: undefined,
    agentVersion: '0.1.0',
    code: { mark: 'approved', name: 'farola-agent 0.1.0', hash: '01'.repeat(32) },
    platform: { mark: 'approved', hash: '02'.repeat(32) },
    ...change,
  };
}
