import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pushConfig } from '@farola/collector/cli/lcu-config.js';
import { showConfig } from '@farola/collector/cli/lcu-config-show.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { COMMANDS, FarolaError, isoTime, trialDetail } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { collectorOnDisk } from '../../fakes/stopped-collector.js';
import { testSigner } from '../../fakes/test-signer.js';

const LCU = 'malaga-0042';
const ORDERED_MS = Math.floor(Date.now() / 1000) * 1000;

/** A collector that does not run, an LCU of it in service, and a file to send. */
async function scene(t: ExecutionContext) {
  const { config, paths, rig, stateDir } = await collectorOnDisk(t);
  const { lcuNo } = rig.enrol(LCU, testSigner(1));
  await rig.close();
  const file = join(stateDir, 'pushed.yaml');
  await writeFile(file, 'sampleSeconds: 30\n');
  const lines: string[] = [];
  let onLine = (): void => undefined;
  const printed = new Promise<void>((resolve) => (onLine = resolve));
  const out = (line: string): void => {
    lines.push(line);
    onLine();
  };
  const common = { config, out };
  const push = (wait: string) => pushConfig(LCU, file, { ...common, reason: 'less often', by: 'ana', valid: '+7d', wait });
  const inState = async (act: (state: Awaited<ReturnType<typeof openSqliteState>>) => void): Promise<void> => {
    const state = await openSqliteState({ path: paths.state });
    act(state);
    state.close();
  };
  const order = { lcuNo, command: COMMANDS.config, argument: new Uint8Array([1]), by: 'ana', reason: 'x' };
  const taken = (detail: string, atMs = ORDERED_MS) =>
    inState(({ commands }) => {
      const { sequence } = commands.order({ ...order, orderedAtMs: atMs, validUntilMs: atMs + 1e9 });
      commands.end(lcuNo, sequence, 'ok', detail, atMs);
    });
  return { lcuNo, push, printed, taken, inState, lines, show: () => showConfig(LCU, common) };
}

async function refusal(t: ExecutionContext, done: Promise<void>): Promise<FarolaError> {
  return t.throwsAsync<FarolaError>(done, { instanceOf: FarolaError });
}

test('while a configuration is on trial, another is on its way: said as that, with how long it takes, and not as a failure', async (t) => {
  const { push, taken, lines, show } = await scene(t);
  await taken(trialDetail(300));
  await show();
  const until = isoTime(ORDERED_MS + 300_000);
  t.true(lines.includes(`# taken; on trial until about ${until}, then kept or rolled back`), lines.join('\n'));
  const error = await refusal(t, push('1'));
  t.is(error.code, 'config-on-trial');
  t.is(error.exit, 75);
  t.is(error.message, 'configuration 1 is on trial');
  t.is(error.hint, `nothing failed: it is kept or rolled back at about ${until}, and another is taken then`);
});

test('a trial whose time is over, and of whose end the LCU has told nothing, is told as that: the LCU has not come', async (t) => {
  const { push, taken, lines, show } = await scene(t);
  await taken(trialDetail(300), ORDERED_MS - 301_000);
  await show();
  const over = `on trial; its time was over at about ${isoTime(ORDERED_MS - 1_000)}, and how it ended the LCU has yet to tell`;
  t.true(lines.includes(`# taken; ${over}`), lines.join('\n'));
  t.is((await refusal(t, push('1'))).code, 'command-waits');
  await show();
  t.true(lines.includes(`# waits for the LCU, where configuration 1 is ${over}`), lines.join('\n'));
});

test('what an LCU refuses is no fault of the configuration of the collector', async (t) => {
  const { push, printed, inState, lcuNo } = await scene(t);
  const pushed = refusal(t, push('30'));
  await printed;
  await inState(({ commands }) => commands.end(lcuNo, 1, 'config-invalid', '  link: is no\n  lines: is missing\n', ORDERED_MS));
  const { code, exit, message } = await pushed;
  t.deepEqual([code, exit], ['command-refused', 65]);
  t.is(message, 'malaga-0042 refused configuration 1: 2 problems\n  link: is no\n  lines: is missing');
});

test('an older agent does not say how long: within minutes', async (t) => {
  const { push, taken } = await scene(t);
  await taken('');
  t.regex((await refusal(t, push('1'))).hint ?? '', /kept or rolled back within minutes/);
});

test('an LCU that did not come has said nothing yet, which is neither slow nor hung', async (t) => {
  const { push, lines } = await scene(t);
  const error = await refusal(t, push('1'));
  t.is(error.code, 'command-waits');
  t.is(error.exit, 75);
  t.regex(error.message, /^malaga-0042 has said nothing of configuration 1 in 1 s; it waits until \S+Z$/);
  t.regex(lines.join('\n'), /\nWhat it says of it: `farola-collector --config \S+ lcu config show malaga-0042`/);
});

test('a refusal says what the LCU said, and ends otherwise than one that waits', async (t) => {
  const { push, printed, inState, lcuNo } = await scene(t);
  const pushed = refusal(t, push('30'));
  await printed;
  await inState(({ commands }) => commands.end(lcuNo, 1, 'command-unknown', 'this LCU knows no command 1\u202e', ORDERED_MS));
  const error = await pushed;
  t.is(error.code, 'command-refused');
  t.is(error.exit, 65);
  t.is(error.message, 'malaga-0042 refused configuration 1: this LCU knows no command 1?');
});

for (const decision of ['quarantined', 'retired', 'revoked'] as const) {
  test(`a configuration for an LCU that is ${decision} is refused, and nothing waits`, async (t) => {
    const { push, inState, lcuNo, lines } = await scene(t);
    await inState(({ fleet }) => fleet.decide(LCU, { decision, atMs: ORDERED_MS, reason: 'a copy answers', by: 'ana' }));
    const error = await refusal(t, push('0'));
    t.is(error.code, 'command-unfit');
    t.deepEqual(error.facts, { lcu: LCU, state: decision });
    t.is(error.exit, 64);
    t.deepEqual(lines, []);
    await inState(({ commands }) => t.is(commands.last(lcuNo), undefined));
  });
}
