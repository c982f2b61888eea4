import { execFile } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { isoTime } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';
import { wideFleet } from '../../fakes/wide-fleet.js';

const COLLECTOR = fileURLToPath(new URL('../../../../collector/bin/farola-collector', import.meta.url));

interface End {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<End> {
  return new Promise((resolve) => {
    execFile(COLLECTOR, args, (error, out, err) => resolve({ exit: Number(error?.code ?? 0), out, err }));
  });
}

/** A collector that was never started, and its program with its configuration. */
async function initialised(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const config = join(folder, 'collector.yaml');
  const here = (...args: readonly string[]): Promise<End> => run('--config', config, ...args);
  const places = ['--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')];
  const init = (...args: readonly string[]): Promise<End> => here('init', '--id', 'malaga', ...places, ...args);
  const made = await init('--address', 'wss://127.0.0.1:8443');
  return { folder, config, here, init, made };
}

/** One error and one hint, and nothing else. */
const TOLD = /^error: [^\n]+\nhint: [^\n]+\n$/;

test('init says what comes next, with the configuration that it wrote', async (t) => {
  const { config, made } = await initialised(t);
  t.is(made.exit, 0, made.err);
  t.true(made.out.includes(`\`farola-collector --config ${config} run\``), made.out);
  t.true(made.out.includes(`\`farola-collector --config ${config} lcu add NAME --panel PANEL\``), made.out);
});

const OPTIONS: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['--poll-seconds', '5x'], /--poll-seconds is not a number; it is `5x`/],
  [['--poll-seconds', '3601'], /--poll-seconds is more than 3600; it is `3601`/],
  [['--address', 'http://x'], /--address must be wss:[^;]*; it is `http:\/\/x`$/m],
  [['--address', 'wss://x:99999'], /--address must be wss:[^;]*; it is `wss:\/\/x:99999`$/m],
  [['--listen', '0.0.0.0:99999'], /--listen 0\.0\.0\.0:99999: a port is at most 65535/],
  [['--run-dir', ''], /--run-dir has fewer than 1 character/],
];

for (const [args, says] of OPTIONS) {
  test(`init speaks of the option that is wrong, ${args.join(' ')}, and makes nothing`, async (t) => {
    const folder = temporaryFolder(t);
    const config = join(folder, 'collector.yaml');
    const good = ['--config', config, '--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')];
    const { exit, err } = await run('init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...good, ...args);
    t.is(exit, 64, err);
    t.regex(err, TOLD);
    t.regex(err, says);
    t.notRegex(err, /collector\.yaml/);
    t.is((await run('--config', config, 'status')).exit, 66, 'nothing was made');
  });
}

test('what an error says to do next is about the collector that it is of', async (t) => {
  const { config, here } = await initialised(t);
  const unknown = await here('lcu', 'show', 'malaga-0042');
  t.is(unknown.err, `error: there is no LCU malaga-0042\nhint: \`farola-collector --config ${config} lcu list\` shows all\n`);
  const json = JSON.parse((await here('lcu', 'show', 'malaga-0042', '--json')).err) as { error: { hint: string } };
  t.is(json.error.hint, `\`farola-collector --config ${config} lcu list\` shows all`);
});

for (const args of [
  ['ledger', 'rebuild'],
  ['lcu', 'retire', 'malaga-0042', '--reason', 'never built'],
]) {
  test(`${args.slice(0, 2).join(' ')} makes nothing where no collector was ever made`, async (t) => {
    const { folder, here } = await initialised(t);
    renameSync(join(folder, 'state'), join(folder, 'elsewhere'));
    const { exit, err } = await here(...args);
    t.is(exit, 78, err);
    t.regex(err, /^error: \S+ is not there\nhint: run `farola-collector --config \S+ init` first\n$/);
    t.false(existsSync(join(folder, 'state')));
  });
}

test('a proof that would be empty is answered with when there is something, or why there is nothing', async (t) => {
  const { folder, here } = await initialised(t);
  const export_ = (lcu: string, ...span: readonly string[]): Promise<End> =>
    here('ledger', 'export', '--proof', lcu, '--output', join(folder, 'proof'), ...span);
  await here('lcu', 'add', 'malaga-0042', '--panel', 'alameda-7');
  const never = await export_('malaga-0042', '--from', '-60d');
  t.is(never.exit, 66, never.err);
  t.regex(
    never.err,
    /\nhint: no answer of it is in the ledger at all: `farola-collector --config \S+ status malaga-0042` says how it is\n$/,
  );
  const nowMs = Date.now();
  await wideFleet(join(folder, 'state'), 1, nowMs);
  const before = await export_('lcu-0000', '--from', '-60d', '--to', '-30d');
  t.is(before.exit, 66, before.err);
  const [from, to] = [isoTime(nowMs - 55 * 60_000), isoTime(nowMs)];
  t.regex(before.err, new RegExp(`\nhint: answers of it are here from ${from} to ${to}: name a span with some of them\n$`));
});

test('a row that cannot be proven is told with its file, which is what a backup has', async (t) => {
  const { folder, here } = await initialised(t);
  await wideFleet(join(folder, 'state'), 1, Date.now());
  // Its polls are not signed by this collector.
  const { exit, err } = await here('ledger', 'export', '--proof', 'lcu-0000', '--from', '-2d', '--output', join(folder, 'proof'));
  t.is(exit, 74, err);
  t.regex(
    err,
    /^error: ledger\/\d{4}-\d\d\.db does not agree with itself: row \d+, received \S+: poll: [^\n]+\nhint: restore the file/,
  );
});

for (const args of [
  ['ledger', 'export', '--proof', 'nobody', '--from', '-1h', '--output'],
  ['keys', 'backup', '--recipient', 'age1x'],
  ['support-bundle'],
]) {
  test(`${args.slice(0, 2).join(' ')} says what is wrong with the file to write before it does anything`, async (t) => {
    const { folder, config, here } = await initialised(t);
    const there = await here(...args, config);
    t.is(there.exit, 73, there.err);
    const nowhere = await here(...args, join(folder, 'none', 'file'));
    t.is(nowhere.exit, 64, nowhere.err);
    t.regex(nowhere.err, /its folder is not there/);
  });
}

const WORDS = ['abandon', 'ability', 'able', 'about', 'above', 'act'];

/** Words as they may be typed, the code and exit code of the answer, and what it says. */
const TYPED: readonly (readonly [typed: string, code: string, exit: number, says: RegExp])[] = [
  ['abandon ability able about above', 'words-mistyped', 64, /5 words were typed\nhint: nothing was changed; [^\n]*quotes/],
  [
    'abandon abilty able about above act',
    'words-mistyped',
    64,
    /word 2, `abilty`, is not on the list [^\n]*\nhint: [^\n]*all six again/,
  ],
  ['abandon ability act able about above', 'words-mistyped', 64, /they are its words in another order\n/],
  [
    'abandon ability able about above actor',
    'words-mistyped',
    64,
    /word 6 is another one[^\n]*\nhint: [^\n]*if it stays the same, do not approve/,
  ],
  ['zoo zone zero youth young yellow', 'words-differ', 65, /not those of malaga-0042\nhint: do not approve/],
];

test('words that were typed wrongly are told as a slip, other words as an alarm, and neither approves', async (t) => {
  const { folder, here } = await initialised(t);
  const state = await openSqliteState({ path: join(folder, 'state', 'state.db') });
  const tokenHash = new Uint8Array(32);
  const { publicKey } = testSigner(1);
  state.fleet.invite('malaga-0042', 'alameda-7', { tokenHash, expiresAtMs: 2 }, 1);
  state.fleet.enrol({
    lcuId: 'malaga-0042',
    tokenHash,
    publicKey,
    request: new Uint8Array(1),
    words: WORDS,
    assurance: 0,
    atMs: 1,
  });
  state.close();
  for (const [typed, code, exit, says] of TYPED) {
    const end = await here('lcu', 'approve', 'malaga-0042', '--words', typed);
    t.is(end.exit, exit, end.err);
    t.regex(end.err, TOLD);
    t.regex(end.err, says);
    const { error } = JSON.parse((await here('lcu', 'approve', 'malaga-0042', '--words', typed, '--json')).err) as {
      error: { code: string };
    };
    t.is(error.code, code);
  }
  t.is((await here('lcu', 'approve', 'malaga-0042', '--words', WORDS.join(' '))).exit, 0);
});

test('a platform that is named by too few digits is answered with how many are needed', async (t) => {
  const { here } = await initialised(t);
  for (const name of ['1e6', 'nonsense']) {
    const { exit, err } = await here('platform', 'add', name, '--reason', 'x');
    t.is(exit, 64, err);
    t.regex(err, TOLD);
    t.regex(err, /8 to 64 hexadecimal digits/);
  }
  const unknown = await here('platform', 'add', '1e61e61e', '--reason', 'x');
  t.is(unknown.exit, 66, unknown.err);
});

test('a file that is no release key is not to be put back from a backup', async (t) => {
  const { folder, here } = await initialised(t);
  const file = join(folder, 'key.pub');
  writeFileSync(file, 'a public key', { mode: 0o644 });
  for (const args of [
    ['release', 'key', '--public', file],
    ['keys', 'rotate', 'poll', '--root', file],
  ]) {
    const { exit, err } = await here(...args);
    t.is(exit, 65, err);
    t.regex(err, TOLD);
    t.regex(err, /does not hold the key that is needed: not a private key in PEM\nhint: name the /);
  }
});

test('an LCU behind --quantity is an LCU, and quantities are told one by one or with commas', async (t) => {
  const { here } = await initialised(t);
  await here('lcu', 'add', 'malaga-0042', '--panel', 'alameda-7');
  for (const asked of [['activePowerL1,voltageL1'], ['activePowerL1', '--quantity', 'voltageL1']]) {
    const { exit, out, err } = await here('readings', '--quantity', ...asked, 'malaga-0042');
    t.is(exit, 0, err);
    t.regex(out, /no readings\n$/);
  }
  const blank = await here('readings', '--quantity', 'activePowerL1', 'voltageL1');
  t.is(blank.exit, 64, blank.err);
  t.regex(blank.err, /voltageL1 is a quantity and no LCU: write --quantity ONE,voltageL1/);
});

test('an end that is to come is taken, and it is said beside the result', async (t) => {
  const { here } = await initialised(t);
  const { exit, out, err } = await here('readings', '--to', '2099-01-01', '--json');
  t.deepEqual([exit, out], [0, '']);
  t.regex(err, /^--to 2099-01-01 is in the future: what is here goes up to now, \S+Z\n$/);
});
