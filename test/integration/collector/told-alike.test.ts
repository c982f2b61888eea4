import { statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { controlOf } from '@farola/collector/api/control.js';
import { setPanel } from '@farola/collector/cli/panel.js';
import { printStatus } from '@farola/collector/cli/status.js';
import { printUptime } from '@farola/collector/cli/uptime.js';
import { judgeState } from '@farola/collector/fleet/fleet-rules.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { COMMANDS } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { collectorOnDisk } from '../../fakes/stopped-collector.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

test('uptime says that a fault is over where status says that the LCU is well', async (t) => {
  const nowMs = Date.now();
  const { rig, config, paths } = await collectorOnDisk(t, new FakeTime(nowMs - ROUND_MS));
  const { lcuNo } = rig.enrol(ID, testSigner(2));
  rig.connect(rig.simulate(ID, 2));
  await rig.time.advance(ROUND_MS - 30_000);
  rig.tick();
  await rig.close();
  const uptime = await openSqliteUptime({ path: paths.uptime });
  uptime.write([{ lcuNo, fromMs: nowMs - ROUND_MS - 60_000, roundMs: ROUND_MS, rounds: 2, outcome: 'answer-missing' }]);
  uptime.close();
  const lines: string[] = [];
  await printUptime({ config, lcuId: ID, out: (line) => lines.push(line) });
  t.regex(lines.join('\n'), /answer-missing/);
  t.notRegex(lines.join('\n'), /goes on/);
});

test('an LCU that may not be polled is told by its state', async (t) => {
  const { rig } = await collectorOnDisk(t);
  const { fleet, polls, time } = rig;
  rig.enrol(ID, testSigner(2));
  fleet.invite('malaga-0043', 'alameda-7', { tokenHash: new Uint8Array(32), expiresAtMs: time.now().wallMs + 1 }, 1);
  const unused = (): never => t.fail();
  const control = controlOf({
    fleet,
    polls,
    judge: judgeState,
    decide: unused,
    refused: () => ({}),
    runningMs: () => 0,
    writeDerived: () => undefined,
  });
  const codeOf = async (lcuId: string): Promise<string> => {
    const answer = await control.poll(lcuId);
    return answer.ok ? 'ok' : answer.code;
  };
  t.is(await codeOf(ID), 'lcu-not-connected');
  t.is(await codeOf('malaga-0043'), 'lcu-pending');
  fleet.decide(ID, { decision: 'revoked', atMs: time.now().wallMs, reason: 'x', by: 'ana' });
  t.is(await codeOf(ID), 'lcu-revoked');
});

test('a configuration that waits is told by the status of its LCU', async (t) => {
  const { rig, config, paths } = await collectorOnDisk(t);
  const { lcuNo } = rig.enrol(ID, testSigner(2));
  await rig.close();
  const shown = async (): Promise<string> => {
    const lines: string[] = [];
    await printStatus({ config, lcuId: ID, out: (line) => lines.push(line) });
    return lines.join('\n');
  };
  t.notRegex(await shown(), /configuration/);
  const state = await openSqliteState({ path: paths.state });
  const asked = { lcuNo, command: COMMANDS.config, argument: new Uint8Array(1), by: 'ana', reason: 'x' };
  const { sequence } = state.commands.order({ ...asked, orderedAtMs: 1, validUntilMs: Date.now() + 60_000 });
  const text = await shown();
  t.regex(text, new RegExp(`\nconfiguration +${sequence}, sent 1970-01-01\\S+, waits for the LCU`));
  state.commands.end(lcuNo, sequence, 'ok', '', 2);
  state.close();
  t.regex(await shown(), /\nconfiguration +1, sent \S+, is on trial/);
});

test('a time zone is kept by its own name, and no database is for everybody to read', async (t) => {
  const { rig, config, paths, stateDir } = await collectorOnDisk(t);
  rig.enrol(ID, testSigner(2));
  rig.connect(rig.simulate(ID, 2));
  await rig.time.advance(1_000);
  const month = new Date(rig.time.now().wallMs).toISOString().slice(0, 7);
  for (const path of [
    paths.state,
    `${paths.state}-wal`,
    join(paths.ledger, `${month}.db`),
    join(paths.ledger, `${month}.db-wal`),
  ])
    t.is(statSync(path).mode & 0o027, 0, path.slice(stateDir.length));
  await rig.close();
  const lines: string[] = [];
  await setPanel('alameda-7', { config, timeZone: 'atlantic/canary', out: (line) => lines.push(line) });
  t.regex(lines.join(), /is in Atlantic\/Canary/);
});
