import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { formatToken, parseToken } from '@farola/shared';
import { type ProgramEnd, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, type Stage, until } from './stage.js';

function agent({ paths }: Stage, args: readonly string[], input?: string): Promise<ProgramEnd> {
  return tryProgram('agent', [...args, '--config', paths.agentConfig], input);
}

function collector({ paths }: Stage, ...args: string[]): Promise<ProgramEnd> {
  return tryProgram('collector', [...args, '--config', paths.collectorConfig]);
}

/** The code's message and its hint, and nothing else: no stack trace. */
function isOneError({ exit, err }: ProgramEnd, message: RegExp): boolean {
  const lines = err.trim().split('\n');
  return exit !== 0 && lines.length <= 2 && message.test(lines[0] ?? '') && (lines[1]?.startsWith('hint: ') ?? true);
}

test('both sides read the same six words, and approval wants them', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  const enrolled = await agent(stage, ['enroll', '-'], stage.token);
  t.is(enrolled.exit, 0, enrolled.err);
  const shown = JSON.parse((await collector(stage, 'lcu', 'show', LCU, '--json')).out) as { state: string; words: string[] };
  t.is(shown.state, 'pending');
  t.is(shown.words.length, 6);
  for (const word of shown.words) t.true(enrolled.out.includes(word.toUpperCase()), word);

  const wrong = await collector(stage, 'lcu', 'approve', LCU, '--words', 'abandon ability able about above absent');
  t.true(isOneError(wrong, /six words are not those of malaga-0042/), wrong.err);
  const typed = shown.words.map((word) => word.slice(0, 4).toUpperCase()).join('  ');
  t.is((await collector(stage, 'lcu', 'approve', LCU, '--words', typed)).exit, 0);
  const again = await collector(stage, 'lcu', 'approve', LCU, '--words', typed);
  t.true(isOneError(again, /is active, not pending/), again.err);
});

test('a token that was used is refused, and an identity never changes by itself', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  await stage.enrol();
  const other = await openStage(t);
  const used = await agent(other, ['enroll', '-'], stage.token);
  t.true(isOneError(used, /token was used/), used.err);
  const enrolled = await agent(stage, ['enroll', '-'], other.token);
  t.true(isOneError(enrolled, /enrolled as malaga-0042/), enrolled.err);
  const added = await collector(stage, 'lcu', 'add', LCU, '--panel', 'alameda-7');
  t.true(isOneError(added, /malaga-0042 exists and is active/), added.err);
});

test('an enrolment that was cut short goes on with the same token and shows the same words', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  const first = await agent(stage, ['enroll', '-'], stage.token);
  const second = await agent(stage, ['enroll', '-'], stage.token);
  t.is(first.exit, 0, first.err);
  t.is(second.exit, 0, second.err);
  const { words } = JSON.parse((await collector(stage, 'lcu', 'show', LCU, '--json')).out) as { words: string[] };
  t.true(words.every((word) => second.out.includes(word.toUpperCase())));
});

test('what `lcu add` puts on standard output is the token alone, and serves as a token file', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  const { out, err } = await collector(stage, 'lcu', 'add', LCU, '--panel', 'alameda-7');
  t.regex(out, /^\S+\n$/);
  t.regex(err, /is added to panel alameda-7\. Hand this token to the technician/);
  const file = join(stage.folder, 'token');
  await writeFile(file, out);
  t.is((await agent(stage, ['enroll', '--token-file', file])).exit, 0);
});

test('a new token ends the one before', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  const { out } = await collector(stage, 'lcu', 'add', LCU, '--panel', 'alameda-7', '--json');
  const old = await agent(stage, ['enroll', '-'], stage.token);
  t.true(isOneError(old, /newer token took the place/), old.err);
  const { token } = JSON.parse(out) as { token: string };
  t.is((await agent(stage, ['enroll', '-'], token)).exit, 0);
});

test('an expired, a foreign, a mistyped and a missing token each give one clear error', async (t) => {
  const stage = await openStage(t);
  const foreign = await openStage(t);
  await stage.startCollector();
  const real = parseToken(stage.token);
  const misled = formatToken({ ...parseToken(foreign.token), address: real.address });
  const cases: [string, RegExp][] = [
    [misled, /does not show the pinned certificate authority/],
    [formatToken({ ...real, rootKey: parseToken(foreign.token).rootKey }), /not signed by its root key/],
    [formatToken({ ...real, secret: new Uint8Array(16) }), /does not know this token/],
    [stage.token.slice(0, -4), /not an enrolment token/],
    ['hello', /not an enrolment token/],
    ['', /not an enrolment token|token/],
    [formatToken({ ...real, address: 'wss://127.0.0.1:1' }), /cannot be reached/],
  ];
  for (const [token, message] of cases) {
    const end = await agent(stage, ['enroll', '-'], token);
    t.true(isOneError(end, message), `${String(message)}: ${end.err}`);
  }
  t.is((await agent(stage, ['enroll', '-'], stage.token)).exit, 0, 'the right token still works');
});

test('a token is refused after its time', async (t) => {
  const stage = await openStage(t);
  const { paths } = stage;
  const text = await readFile(paths.collectorConfig, 'utf8');
  await writeFile(paths.collectorConfig, `${text}tokenHours: 1\n`);
  const { out } = await collector(stage, 'lcu', 'add', LCU, '--panel', 'alameda-7', '--json');
  const { token } = JSON.parse(out) as { token: string };
  const { default: Sqlite } = await import('better-sqlite3');
  const db = new Sqlite(paths.stateDb);
  t.true(db.prepare('UPDATE invitations SET expires_at_ms = expires_at_ms - 3600001').run().changes > 0);
  db.close();
  await stage.startCollector();
  const end = await agent(stage, ['enroll', '-'], token);
  t.true(isOneError(end, /expired/), end.err);
});

test('commands without configuration, keys or collector say what to do', async (t) => {
  const stage = await openStage(t);
  const nowhere = join(stage.folder, 'nowhere.yaml');
  const none = await tryProgram('collector', ['lcu', 'list', '--config', nowhere]);
  t.true(isOneError(none, /nowhere.yaml cannot be read: there is no such file/), none.err);
  const poll = await collector(stage, 'poll', LCU);
  t.true(isOneError(poll, /collector is not running/), poll.err);
  const run = await agent(stage, ['run']);
  t.true(isOneError(run, /not enrolled/), run.err);
  const twice = await collector(stage, 'init', '--id', 'malaga', '--address', 'wss://127.0.0.1:1');
  t.true(isOneError(twice, /is there already; nothing was changed/), twice.err);
  await writeFile(nowhere, 'collectorId: Not A Name\npollSeconds: 0\nlisten: {port: 99999}\nsurprise: 1\n');
  const bad = await tryProgram('collector', ['lcu', 'list', '--config', nowhere]);
  for (const field of ['collectorId', 'publicAddress', 'pollSeconds', 'listen.port', 'surprise'])
    t.true(bad.err.includes(field), field);
  t.notRegex(bad.err, /\n\s+at /);
});

test('a second agent, a second collector and a port in use are one clear error each', async (t) => {
  const stage = await openStage(t);
  await stage.startCollector();
  await stage.enrol();
  stage.startAgent();
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects');
  const { collectorConfig } = stage.paths;
  const agentAgain = await agent(stage, ['run']);
  t.true(isOneError(agentAgain, /another farola-agent holds/), agentAgain.err);
  const collectorAgain = await collector(stage, 'run');
  t.true(isOneError(collectorAgain, /another farola-collector holds/), collectorAgain.err);

  const other = await openStage(t);
  const taken = /port: (\d+)/.exec(await readFile(collectorConfig, 'utf8'))?.[1] as string;
  const text = await readFile(other.paths.collectorConfig, 'utf8');
  await writeFile(other.paths.collectorConfig, text.replace(/( {2}port: )\d+/, `$1${taken}`));
  const portTaken = await collector(other, 'run');
  t.true(isOneError(portTaken, /127.0.0.1:\d+ is in use/), portTaken.err);
});
