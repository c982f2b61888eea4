import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrame, ENROL_ANSWER, ENROL_CHALLENGE, formatToken, KEYS, KINDS, signMessage } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import test, { type ExecutionContext } from 'ava';
import { type CommandOutcome, farolaAgent } from '../../fakes/agent-process.js';
import { acceptEnrolment, type AgentConnection, fakeCollector, type FakeCollector } from '../../fakes/fake-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal } from '../../fakes/test-journal.js';
import { newTestSigner } from '../../fakes/test-signer.js';

const LCU = 'malaga-0042';

/** Runs `enroll` with this token, while the collector's side of the connection is played. */
async function enroll(
  collector: FakeCollector,
  folder: string,
  token: string,
  play: (connection: AgentConnection) => unknown,
): Promise<CommandOutcome> {
  const running = farolaAgent(['enroll', '--state-dir', folder], token);
  const connection = await Promise.race([collector.connection('/v1/enrol'), running]);
  if (!('code' in connection)) await play(connection);
  return running;
}

async function start(t: ExecutionContext) {
  const collector = await fakeCollector(t);
  return { collector, folder: temporaryFolder(t), token: formatToken(collector.token(LCU)) };
}

test('a token makes the LCU known, and both sides have the same six words', async (t) => {
  const { collector, folder, token } = await start(t);
  let words: string[] = [];
  let secret = new Uint8Array();
  const { code, out, err } = await enroll(collector, folder, token, async (connection) => {
    ({ words, secret } = (await acceptEnrolment(collector, connection)) as { words: string[]; secret: Uint8Array<ArrayBuffer> });
  });
  t.is(code, 0, err);
  t.is(words.length, 6);
  t.regex(out, new RegExp(words.map((word) => word.toUpperCase()).join('[\\s\\S]*')));
  t.true(out.includes(`Enrolled as ${LCU} `));
  t.deepEqual([...secret], Array<number>(16).fill(5));
  t.is(statSync(join(folder, 'identity.key')).mode & 0o777, 0o600);
  t.is(readFileSync(join(folder, 'identity.key')).length, 32);
  t.false(existsSync(join(folder, 'enrolment.json.farola-new')));
});

test('the same token again says that it was used, prints the same words, and asks and claims nothing', async (t) => {
  const { collector, folder, token } = await start(t);
  const first = await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection));
  const second = await farolaAgent(['enroll', token, '--state-dir', folder]);
  t.is(second.code, 0);
  t.regex(second.out, /^This token was used, here: this LCU is malaga-0042 at the collector malaga\. Nothing was changed\.\n/);
  t.regex(second.out, /\nWhether it is approved only the collector knows, /);
  t.notRegex(second.out, /It waits to be approved/);
  const wordsOf = ({ out }: CommandOutcome): string[] => out.split('\n').filter((line) => /^ {4}\d {2}[A-Z]+$/.test(line));
  t.is(wordsOf(first).length, 6);
  t.deepEqual(wordsOf(second), wordsOf(first));
  const json = await farolaAgent(['enroll', token, '--json', '--state-dir', folder]);
  checkJson('farola-agent', ['enroll'], json.out);
  t.like(JSON.parse(json.out) as object, { again: true, approval: 'not-known' });
  t.is(collector.count, 1);
});

test('an enrolled LCU refuses another token and stays as it is', async (t) => {
  const { collector, folder, token } = await start(t);
  await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection));
  const before = readFileSync(join(folder, 'enrolment.json'), 'utf8');
  for (const other of [collector.token(LCU, new Uint8Array(16).fill(6)), collector.token('malaga-0043')]) {
    const { code, err } = await farolaAgent(['enroll', formatToken(other), '--state-dir', folder]);
    t.is(code, 78);
    t.regex(err, /^error: this LCU is enrolled as malaga-0042\nhint: /);
  }
  t.is(readFileSync(join(folder, 'enrolment.json'), 'utf8'), before);
});

test('an identity is given up only when that is confirmed, and shown first; another token is then taken', async (t) => {
  const { collector, folder, token } = await start(t);
  await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection));
  const seed = readFileSync(join(folder, 'identity.key'));
  const abort = ['enroll', '--abort', '--state-dir', folder];
  const asked = await farolaAgent(abort);
  t.is(asked.code, 64);
  t.regex(asked.err, /nothing was changed: say --yes/);
  t.deepEqual(readFileSync(join(folder, 'identity.key')), seed);
  const done = await farolaAgent([...abort, '--yes']);
  t.is(done.code, 0, done.err);
  t.regex(done.out, /^This LCU is malaga-0042 at the collector malaga, /);
  t.deepEqual(readdirSync(folder), ['given-up']);
  const again = formatToken(collector.token(LCU, new Uint8Array(16).fill(6)));
  t.is((await enroll(collector, folder, again, (connection) => acceptEnrolment(collector, connection))).code, 0);
  t.notDeepEqual(readFileSync(join(folder, 'identity.key')), seed);
  t.is((await farolaAgent([...abort, '--yes', token])).code, 64);
});

test('an identity is not given up while the agent runs, and nothing is given up where nothing is', async (t) => {
  const { collector, folder, token } = await start(t);
  const abort = ['enroll', '--abort', '--yes', '--state-dir', folder];
  t.is((await farolaAgent(abort)).code, 78);
  await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection));
  const journal = await openTestJournal(folder);
  const { code, err } = await farolaAgent(abort);
  t.is(code, 69);
  t.regex(err, /^error: another farola-agent holds /);
  journal.close();
  const before = readFileSync(join(folder, 'journal.sqlite'));
  t.is((await farolaAgent(abort)).code, 0);
  t.deepEqual(readFileSync(join(folder, 'journal.sqlite')), before);
});

test('init says whose a folder is that it finds, and changes nothing of it', async (t) => {
  const { collector, folder, token } = await start(t);
  const init = ['init', '--config', join(temporaryFolder(t), 'agent.yaml'), '--state-dir', folder];
  (await openTestJournal(folder)).close();
  const withJournal = await farolaAgent([...init, '--json']);
  checkJson('farola-agent', ['init'], withJournal.out);
  t.like(JSON.parse(withJournal.out) as object, { enrolledAs: null, journalOf: LCU });
  t.regex((await farolaAgent(init)).out, /: ready, with the journal of malaga-0042, which stays: /);
  await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection));
  const names = readdirSync(folder).toSorted();
  const key = readFileSync(join(folder, 'identity.key'));
  const { code, out } = await farolaAgent(init);
  t.is(code, 0);
  t.regex(out, /: holds the identity of malaga-0042 at the collector malaga, which stays\n/);
  t.regex(out, /to make it another LCU, `farola-agent enroll --abort --config \S+` first/);
  t.deepEqual(readdirSync(folder).toSorted(), names);
  t.deepEqual(readFileSync(join(folder, 'identity.key')), key);
});

test('a token of another LCU is not used up on a folder with the journal of this one', async (t) => {
  const { collector, folder } = await start(t);
  (await openTestJournal(folder)).close();
  const { code, err } = await farolaAgent(['enroll', formatToken(collector.token('malaga-0043')), '--state-dir', folder]);
  t.is(code, 78);
  t.regex(err, /^error: journal \S+ is that of malaga-0042, this LCU is malaga-0043\nhint: nothing was changed: /);
  t.false(existsSync(join(folder, 'identity.key')));
});

test('cut off before the answer, the next run presents the same key', async (t) => {
  const { collector, folder, token } = await start(t);
  const first = await enroll(collector, folder, token, (connection) => connection.terminate());
  t.is(first.code, 69);
  t.false(existsSync(join(folder, 'enrolment.json')));
  const seed = readFileSync(join(folder, 'identity.key'));
  const keys: Uint8Array[] = [];
  const cut = await enroll(collector, folder, token, async (connection) => {
    const answering = acceptEnrolment(collector, connection, 'token-used');
    keys.push((await answering).publicKey);
  });
  t.is(cut.code, 65);
  const done = await enroll(collector, folder, token, async (connection) =>
    keys.push((await acceptEnrolment(collector, connection)).publicKey),
  );
  t.is(done.code, 0);
  t.deepEqual(keys[0], keys[1]);
  t.deepEqual(readFileSync(join(folder, 'identity.key')), seed);
});

for (const outcome of ['token-used', 'token-unknown', 'token-expired', 'key-in-use', 'token-foreign'] as const) {
  test(`the collector's ${outcome} is told with its hint, and nothing is kept but the key`, async (t) => {
    const { collector, folder, token } = await start(t);
    const { code, err, out } = await enroll(collector, folder, token, (connection) =>
      acceptEnrolment(collector, connection, outcome),
    );
    t.is(code, 65);
    t.is(out, '');
    t.regex(err, /^error: /);
    t.false(existsSync(join(folder, 'enrolment.json')));
  });
}

test('an outcome of a newer collector is told as it is', async (t) => {
  const { collector, folder, token } = await start(t);
  const { err } = await enroll(collector, folder, token, (connection) => acceptEnrolment(collector, connection, 'moon-full'));
  t.regex(err, /moon-full/);
});

test('the code that the collector closes with is told', async (t) => {
  const { collector, folder, token } = await start(t);
  const { err } = await enroll(collector, folder, token, (connection) => connection.close('token-expired'));
  t.regex(err, /^error: this token expired on 2030-01-01/);
});

interface Forged {
  readonly keys?: (collector: FakeCollector) => Uint8Array;
  readonly collectorId?: string;
  readonly signer?: (collector: FakeCollector) => ReturnType<typeof newTestSigner>;
}

function statementOf(collector: FakeCollector, change: object, signer = collector.rootKey): Uint8Array {
  const { collectorId, rootKey, pollKey, pin } = collector;
  const keys = {
    version: 1,
    collectorId,
    sequence: 1,
    rootKey: rootKey.publicKey,
    pollKeys: [pollKey.publicKey],
    commandKeys: [pollKey.publicKey],
    pins: [pin],
    issuedAt: 0,
  };
  return signMessage(KEYS, { ...keys, ...change }, signer);
}

const forged: [string, RegExp, Forged][] = [
  ['whose keys another root signed', /not signed by its root key/, { keys: (c) => statementOf(c, {}, newTestSigner()) }],
  [
    'whose keys name another root',
    /not signed by its root key/,
    { keys: (c) => statementOf(c, { rootKey: new Uint8Array(32) }) },
  ],
  [
    'whose keys do not list the pin',
    /not signed by its root key/,
    { keys: (c) => statementOf(c, { pins: [new Uint8Array(32)] }) },
  ],
  [
    'whose keys are those of another collector',
    /comes from collector granada/,
    { keys: (c) => statementOf(c, { collectorId: 'granada' }) },
  ],
  ['whose keys are noise', /not signed by its root key/, { keys: () => new Uint8Array(100) }],
  ['that none of the poll keys signed', /protected header/, { signer: () => newTestSigner() }],
  ['of another collector', /comes from collector granada/, { collectorId: 'granada' }],
];

for (const [what, message, { keys, collectorId, signer }] of forged) {
  test(`a challenge ${what} is refused, and the secret is not sent`, async (t) => {
    const { collector, folder, token } = await start(t);
    let sent: unknown = 'nothing was looked at';
    const { err, code } = await enroll(collector, folder, token, async (connection) => {
      const challenge = {
        version: 1,
        collectorId: collectorId ?? collector.collectorId,
        nonce: new Uint8Array(16),
        keys: keys?.(collector) ?? collector.keys,
      };
      connection.send(
        encodeFrame(
          KINDS.enrolChallenge.number,
          signMessage(ENROL_CHALLENGE, challenge, signer?.(collector) ?? collector.pollKey),
        ),
      );
      sent = await connection.next();
    });
    t.is(sent, undefined);
    t.not(code, 0);
    t.regex(err, message);
    t.false(err.includes('    at '));
  });
}

test('an answer to another request is refused', async (t) => {
  const { collector, folder, token } = await start(t);
  const { err } = await enroll(collector, folder, token, async (connection) => {
    const challenge = { version: 1, collectorId: collector.collectorId, nonce: new Uint8Array(16), keys: collector.keys };
    connection.send(encodeFrame(KINDS.enrolChallenge.number, signMessage(ENROL_CHALLENGE, challenge, collector.pollKey)));
    await connection.next();
    const answer = { version: 1, lcuId: LCU, requestHash: new Uint8Array(32), outcome: 'pending', issuedAt: 0 };
    connection.send(encodeFrame(KINDS.enrolAnswer.number, signMessage(ENROL_ANSWER, answer, collector.pollKey)));
  });
  t.regex(err, /answers another request/);
  t.false(existsSync(join(folder, 'enrolment.json')));
});

test('noise instead of a challenge is told in one line', async (t) => {
  const { collector, folder, token } = await start(t);
  const { err, code } = await enroll(collector, folder, token, (connection) => connection.send(Uint8Array.of(1, 2, 3)));
  t.is(code, 65);
  t.regex(err, /^error: frame is not what docs\/protocol.md says: .*\n$/);
});

test('a collector with another authority is refused before anything is sent', async (t) => {
  const { collector, folder } = await start(t);
  const { code, err } = await farolaAgent(
    ['enroll', '--state-dir', folder],
    formatToken({ ...collector.token(LCU), pin: new Uint8Array(32) }),
  );
  t.is(code, 65);
  t.regex(err, /^error: the server at .* does not show the pinned certificate authority\nhint: /);
  t.is(collector.count, 0);
});

test('a token may come from a file', async (t) => {
  const { collector, folder, token } = await start(t);
  const file = join(folder, 'token');
  writeFileSync(file, `${token}\n`);
  const running = farolaAgent(['enroll', '--token-file', file, '--state-dir', folder]);
  await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  t.is((await running).code, 0);
});

test('a key file that others may read is refused', async (t) => {
  const { folder, token } = await start(t);
  writeFileSync(join(folder, 'identity.key'), new Uint8Array(32));
  chmodSync(join(folder, 'identity.key'), 0o644);
  const { code, err } = await farolaAgent(['enroll', token, '--state-dir', folder]);
  t.is(code, 78);
  t.regex(err, /others may read the key \(mode 644\)\nhint: `chmod 600 /);
});

test('a key file that is cut short is refused', async (t) => {
  const { folder, token } = await start(t);
  writeFileSync(join(folder, 'identity.key'), new Uint8Array(31), { mode: 0o600 });
  const { err } = await farolaAgent(['enroll', token, '--state-dir', folder]);
  t.regex(err, /31 bytes instead of 32/);
});
