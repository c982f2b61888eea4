import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayFile } from '@farola/agent/cli/meter-replay.js';
import { parseTranscript, transcriptLine } from '@farola/agent/meter/tool/transcript/transcript.js';
import type { FarolaError } from '@farola/shared';
import test from 'ava';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { farolaAgent } from '../../../fakes/agent-process.js';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';
import { startReplaceablePanel } from '../../../fakes/replaceable-panel.js';

const FOLDER = fileURLToPath(new URL('../../../../transcripts/', import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.transcript'));

for (const name of NAMES) {
  test(`${name} is read as it was recorded`, async (t) => {
    const { readings, unknown } = await replayFile(join(FOLDER, name));
    t.true(readings.length >= 3);
    t.deepEqual(
      readings.flatMap(({ differs }) => differs),
      [],
    );
    t.deepEqual(unknown, []);
  });

  test(`${name} is written as it is read`, (t) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const { transfers, readings } = parseTranscript(text, name);
    const written = new Set([...transfers, ...readings].map(transcriptLine));
    for (const row of text.split('\n').slice(1)) if (/^\s/.test(row)) t.true(written.has(row), row);
  });
}

test('the transcripts hold what lines do: late answers, exceptions, noise, echo, answers in pieces', async (t) => {
  for (const of of ['late-answers', 'exceptions', 'noise-at-end', 'noise-before', 'local-echo', 'split-answers'])
    t.true(NAMES.includes(`${of}.transcript`), of);
  const late = parseTranscript(await readFile(join(FOLDER, 'late-answers.transcript'), 'utf8'), 'late');
  const asked = late.transfers.filter(({ kind }) => kind === 'sent').length;
  const plain = parseTranscript(await readFile(join(FOLDER, 'plain.transcript'), 'utf8'), 'plain');
  t.true(asked > plain.transfers.filter(({ kind }) => kind === 'sent').length, 'questions were asked again');
  const exceptions = parseTranscript(await readFile(join(FOLDER, 'exceptions.transcript'), 'utf8'), 'exceptions');
  t.true(exceptions.transfers.some((one) => one.kind === 'received' && ((one.bytes[1] ?? 0) & 0x80) !== 0));
});

/** A transcript with one byte changed, and the CRC behind it left as it was. */
async function changed(folder: string, change: (text: string) => string): Promise<string> {
  const path = join(folder, 'changed.transcript');
  await writeFile(path, change(await readFile(join(FOLDER, 'plain.transcript'), 'utf8')));
  return path;
}

test('what is read otherwise is told, and fails', async (t) => {
  const folder = await temporaryFolder(t);
  const other = await changed(folder, (text) => text.replace(/voltageL1=\d+\.\d+/, 'voltageL1=1.00'));
  const { code, out, err } = await farolaAgent(['meter', 'replay', other]);
  t.is(code, 1, err);
  t.regex(out, /voltageL1: was 1\.00, is 2\d\d\.\d0/);
  const harmed = await changed(folder, (text) => text.replaceAll(/( < 01 03 6C) 00 00/g, '$1 00 01'));
  const { readings } = await replayFile(harmed);
  t.true(readings.every(({ differs, values }) => differs.includes('voltageL12') && values['voltageL12'] === '-'));
});

test('a question that was not recorded is told', async (t) => {
  const path = await changed(await temporaryFolder(t), (text) => text.replaceAll(' > 01 03 C7 02', ' > 01 03 C7 03'));
  const { code, out } = await farolaAgent(['meter', 'replay', path, '--json']);
  t.is(code, 1);
  checkJson('farola-agent', ['meter', 'replay'], out);
  const told = JSON.parse(out) as { unknownQuestions: string[] };
  t.true(told.unknownQuestions.some((bytes) => bytes.startsWith('01 03 C7 02')));
});

const WRONG: [string, (text: string) => string, number][] = [
  ['another file', () => 'hello', 1],
  ['a line that is no JSON', (text) => text.replace('line {', 'line ['), 3],
  ['bytes that are none', (text) => text.replace('> 01 03', '> 01 0G'), 6],
];

for (const [what, change, line] of WRONG) {
  test(`${what} is refused, with its line`, async (t) => {
    const path = await changed(await temporaryFolder(t), change);
    const error = await t.throwsAsync<FarolaError>(replayFile(path));
    t.is(error.code, 'transcript-invalid');
    t.is(error.facts['line'], line);
  });
}

test('a serial line is recorded and replays', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'new.transcript');
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const asked = [
    'meter',
    'record',
    path,
    '--port',
    port,
    '--unit',
    '1',
    '--profile',
    'eastron-sdm630',
    '--times',
    '2',
    '--pause-ms',
    '10',
  ];
  const recorded = await farolaAgent([...asked, '--json']);
  t.is(recorded.code, 0, recorded.err);
  checkJson('farola-agent', ['meter', 'record'], recorded.out);
  t.like(JSON.parse(recorded.out), { readingCount: 2, completeCount: 2 });
  const replayed = await farolaAgent(['meter', 'replay', path]);
  t.is(replayed.code, 0, replayed.out + replayed.err);
  t.is((await farolaAgent(asked)).code, 73, 'a file that is there stays');
  const other = await farolaAgent(['meter', 'replay', path, '--profile', 'siemens-pac3200']);
  t.is(other.code, 1, 'another profile asks what was not recorded');
});

for (const [transport, framing] of [
  ['rtu-over-tcp', 'rtu'],
  ['modbus-tcp', 'tcp'],
] as const) {
  test(`a line of ${transport} is recorded and replays`, async (t) => {
    const panel = await startReplaceablePanel(t, framing);
    panel.place(3, { profile: 'siemens-pac3200', shows: 7 });
    const path = join(await temporaryFolder(t), 'new.transcript');
    const line = ['--host', '127.0.0.1', '--tcp-port', String(panel.port), '--transport', transport];
    const meter = ['--unit', '3', '--profile', 'siemens-pac3200', '--pause-ms', '0'];
    t.is((await farolaAgent(['meter', 'record', path, ...line, ...meter])).code, 0);
    const { readings, unknown } = await replayFile(path);
    t.deepEqual([readings.length, unknown], [3, []]);
    t.true(readings.every(({ status, values }) => status === 'complete' && values['voltageL1'] === '7.00'));
  });
}
