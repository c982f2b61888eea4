import { join } from 'node:path';
import type { CollectorConfig } from '@farola/collector/config.js';
import { parseCollectorConfig } from '@farola/collector/config/fs-config.js';
import { statePaths } from '@farola/collector/config/state-paths.js';
import type { Contact, LatestSample, TableFact } from '@farola/collector/fleet/derived-state.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { ANSWER, HEALTH, POLL, sha256, signMessage } from '@farola/shared';
import { analyser, sample, start, TestChain } from './test-chain.js';
import { answerFields, pollFields, testAnswer } from './test-answer.js';
import { newTestSigner, testSigner } from './test-signer.js';

const ROUND_MS = 300_000;
const DAY_MS = 86_400_000;

/**
 * The files of a stopped collector with so many LCUs: each with keys, a contact, two latest samples, a start entry, a day of
 * rounds in runs of two hours, and an hour of answers in the ledger. @param nowMs when it was polled last
 */
export async function wideFleet(folder: string, lcus: number, nowMs: number): Promise<CollectorConfig> {
  const text = `collectorId: malaga\npublicAddress: wss://x:1\nstateDir: ${folder}\nrunDir: ${join(folder, 'run')}\n`;
  const config = parseCollectorConfig(text, 'test');
  const paths = statePaths(config);
  const state = await openSqliteState({ path: paths.state });
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const uptime = await openSqliteUptime({ path: paths.uptime });
  const contacts: Contact[] = [];
  const latest: LatestSample[] = [];
  const tables: TableFact[] = [];
  const signer = testSigner(1);
  for (let no = 0; no < lcus; no++) {
    const lcuId = `lcu-${String(no).padStart(4, '0')}`;
    const { publicKey } = newTestSigner(sha256(Buffer.from(lcuId)));
    const tokenHash = sha256(publicKey);
    const enrolledMs = nowMs - 2 * DAY_MS;
    state.fleet.invite(lcuId, `panel-${no % 400}`, { tokenHash, expiresAtMs: nowMs }, enrolledMs);
    state.fleet.enrol({ lcuId, tokenHash, publicKey, request: new Uint8Array(1), words: ['a'], assurance: 0, atMs: enrolledMs });
    const { lcuNo } = state.fleet.approve(lcuId, enrolledMs);

    const chain = new TestChain(lcuId).add(start(new Uint8Array(16).fill(1), [analyser(0, 'mains'), analyser(1, 'circuits')]));
    for (let n = 0; n < 12; n++) chain.add(sample(0, n * ROUND_MS, [n]), sample(1, n * ROUND_MS, [n]));
    const answers = Array.from({ length: 12 }, (_, n) => {
      const [from, to] = [n === 0 ? 1 : 2 + 2 * n, 3 + 2 * n];
      const receivedAtMs = nowMs - (11 - n) * ROUND_MS;
      const base = testAnswer(chain, from, to, { lcuNo, receivedAtMs });
      const health = new Map([
        [HEALTH.backlog, 4],
        [HEALTH.diskFreeBytes, no === 7 ? 1_000_000 : 20_000_000_000],
        [HEALTH.readOnly, 0],
      ]);
      const poll = signMessage(POLL, pollFields(chain), signer);
      const fields = {
        ...answerFields(chain, from, to, poll),
        now: [n * ROUND_MS, receivedAtMs, 2] as [number, number, number],
        health,
      };
      return { ...base, poll, answer: signMessage(ANSWER, fields, signer) };
    });
    ledger.append(answers);
    tables.push({ lcuNo, epoch: chain.epoch, n: 1, entry: chain.entries[0]!, atMs: nowMs - 12 * ROUND_MS, previous: null });
    for (const index of [0, 1])
      latest.push({
        lcuNo,
        epoch: chain.epoch,
        n: 24 + index,
        analyser: index,
        entry: chain.entries[23 + index]!,
        receivedAtMs: nowMs,
        ageMs: 30_000,
      });
    contacts.push({
      lcuNo,
      lastGoodAtMs: nowMs,
      lastAtMs: nowMs,
      verdict: 'ok',
      answersOk: 12,
      answersRefused: 0,
      entriesStored: 25,
      backlog: 4,
      codeHash: new Uint8Array(32).fill(1),
    });
    uptime.write(
      Array.from({ length: 12 }, (_, i) => ({
        lcuNo,
        fromMs: nowMs - DAY_MS + i * 24 * ROUND_MS,
        roundMs: ROUND_MS,
        rounds: 24,
        outcome: i % 2 === 0 ? ('ok' as const) : ('answer-missing' as const),
      })),
    );
  }
  state.derived.apply({ contacts, latest, tables, events: [], anchors: [], platforms: [], upToKey: null });
  uptime.close();
  ledger.close();
  state.close();
  return config;
}
