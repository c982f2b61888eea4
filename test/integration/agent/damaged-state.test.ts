import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { farolaAgent, startFarolaAgent } from '../../fakes/agent-process.js';
import { enrolledAgent } from '../../fakes/enrolled-agent.js';
import { openTestJournal } from '../../fakes/test-journal.js';

for (const [what, text, said] of [
  ['cut short', '{"version":1', 'it is cut short, or no JSON'],
  ['without its words', '{"version":1,"lcuId":"malaga-0042"}', 'collectorId is not as the agent writes it'],
  ['with a field of nobody', '{"version":1,"surprise":1}', 'lcuId is not as the agent writes it'],
] as const) {
  test(`an enrolment ${what} is named as the file that it is, with what to do, and can be given up`, async (t) => {
    const { folder, config } = await enrolledAgent(t);
    const state = join(folder, 'state');
    const path = join(state, 'enrolment.json');
    writeFileSync(path, text);
    const { code, err } = await farolaAgent(['run', '--config', config]);
    t.is(code, 78);
    const [error = '', hint = ''] = err.split('\n').filter((line) => /^(error|hint): /.test(line));
    t.true(error.startsWith(`error: ${path}: `), error);
    t.true(error.endsWith(said), error);
    t.regex(hint, /backup; .*`farola-agent enroll --abort/);
    t.notRegex(err, /key file|Invalid/);
    const asked = await farolaAgent(['enroll', '--abort', '--config', config]);
    t.is(asked.code, 64, 'not without a word');
    t.true(existsSync(path));
    t.is((await farolaAgent(['enroll', '--abort', '--yes', '--config', config])).code, 0);
    t.deepEqual(readdirSync(state), []);
  });
}

test('an enrolment of a newer agent is told as that, and not as damaged', async (t) => {
  const { folder, config } = await enrolledAgent(t);
  writeFileSync(join(folder, 'state', 'enrolment.json'), '{"version":2,"panel":"alameda-7"}');
  const { code, err } = await farolaAgent(['run', '--config', config]);
  t.is(code, 78);
  t.regex(err, /it is of version 2, and this agent knows 1\nhint: install the newer agent again/);
});

test('the journal tells whose identity is given up where the enrolment cannot', async (t) => {
  const { folder, config } = await enrolledAgent(t);
  const state = join(folder, 'state');
  (await openTestJournal(state)).close();
  writeFileSync(join(state, 'enrolment.json'), '');
  const { code, out } = await farolaAgent(['enroll', '--abort', '--yes', '--config', config]);
  t.is(code, 0);
  t.regex(out, /the journal beside it is that of malaga-0042, and stays/);
  t.is(readFileSync(join(state, 'given-up'), 'utf8'), 'malaga-0042\n');
});

test('an enrolled LCU without its key is not told to enrol, which would refuse it', async (t) => {
  const { folder, config, token } = await enrolledAgent(t);
  rmSync(join(folder, 'state', 'identity.key'));
  for (const args of [['run'], ['enroll', token]]) {
    const { code, err } = await farolaAgent([...args, '--config', config]);
    t.is(code, 78, args[0]);
    t.regex(err, /error: \S+identity\.key: the key of malaga-0042 is not there\nhint: put it back from a backup; /);
  }
});

test('a damaged configuration of the collector costs no measurement, and reset clears it away', async (t) => {
  t.timeout(120_000);
  const { collector, folder, config } = await enrolledAgent(t);
  const path = join(folder, 'state', 'collector-config.json');
  writeFileSync(path, '{"accepted":');
  const shown = await farolaAgent(['config', 'show', '--config', config]);
  t.is(shown.code, 78);
  t.regex(shown.err, /^error: \S+collector-config\.json: [^\n]+\nhint: `farola-agent config reset/);
  const { child, ended } = startFarolaAgent(t, ['run', '--config', config]);
  await collector.connection('/v1/lcu');
  child.kill('SIGTERM');
  const { code, out } = await ended;
  t.is(code, 0);
  t.regex(out, /"code":"state-file-invalid"/);
  const reset = await farolaAgent(['config', 'reset', '--config', config]);
  t.is(reset.code, 0, reset.err);
  t.false(existsSync(path));
  t.is((await farolaAgent(['config', 'show', '--config', config])).code, 0);
});
