import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { parseProfile } from '@farola/agent/meter/profile/parse-profile.js';
import { SHIPPED_PROFILES, readProfiles } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';

const HEAD = 'id: own\nvendor: V\nmodels: [M]\nfunctionCode: 4\ntrust: code\nsources: [{ id: test, document: a test }]\n';
const GOOD = `${HEAD}rows:\n  - { quantity: voltageL1, addr: 0, type: u16, scale: 0.1 }\n`;

function problemsOf(t: ExecutionContext, text: string): string {
  const error = t.throws(() => parseProfile(new TextEncoder().encode(text), '/p/own.yaml', 'own'), { instanceOf: FarolaError });
  t.is(error.code, 'profile-invalid');
  return String(error.facts['problems']);
}

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'farola-profiles-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

const MODELS = [
  'abb-b23-b24',
  'carlo-gavazzi-em24-din',
  'carlo-gavazzi-em300',
  'circutor-cvm-bd',
  'circutor-cvm-c10',
  'circutor-cvm-mini',
  'eastron-sdm630',
  'janitza-umg96rm',
  'schneider-iem3155',
  'schneider-pm5110',
  'siemens-pac3200',
  'socomec-countis-e23',
  'socomec-countis-e34',
  'socomec-diris-a10',
  'socomec-diris-b30',
];

test('ships valid profiles, each with the hash of its file', async (t) => {
  const { profiles, problems } = await readProfiles([SHIPPED_PROFILES]);
  t.deepEqual(problems, []);
  t.deepEqual([...profiles.keys()], MODELS);
  for (const { path, hash, origin } of profiles.values()) {
    t.is(origin, 'shipped');
    const bytes = await readFile(path);
    t.deepEqual(Buffer.from(hash), createHash('sha256').update(bytes).digest());
    t.true(bytes.toString().startsWith('# yaml-language-server: $schema=profile.schema.json\n'));
  }
});

test('lets an own profile replace a shipped one, and says so', async (t) => {
  const own = await folder(t);
  await writeFile(join(own, 'eastron-sdm630.yaml'), GOOD.replace('id: own', 'id: eastron-sdm630'));
  const { profiles } = await readProfiles([SHIPPED_PROFILES, { path: own, origin: 'own' }]);
  t.like(profiles.get('eastron-sdm630'), { origin: 'own', profile: { rows: { length: 1 } } });
  t.is(profiles.get('circutor-cvm-c10')?.origin, 'shipped');
});

test('reads the other profiles when one is not valid, and says which', async (t) => {
  const own = await folder(t);
  await writeFile(join(own, 'own.yaml'), GOOD);
  await writeFile(join(own, 'broken.yaml'), 'rows: [');
  const folders = [own, join(own, 'not-there')].map((path) => ({ path, origin: 'own' as const }));
  const { profiles, ids, problems } = await readProfiles(folders);
  t.deepEqual([...profiles.keys()], ['own']);
  t.deepEqual([...ids], ['broken', 'own']);
  t.deepEqual(
    problems.map((problem) => problem.facts['path']),
    [join(own, 'broken.yaml')],
  );
});

test('reads only what is wanted: a broken profile that nobody uses stops nothing', async (t) => {
  const own = await folder(t);
  await writeFile(join(own, 'own.yaml'), GOOD);
  await writeFile(join(own, 'broken.yaml'), 'rows: [');
  const { profiles, ids, problems } = await readProfiles([SHIPPED_PROFILES, { path: own, origin: 'own' }], new Set(['own']));
  t.deepEqual([...profiles.keys()], ['own']);
  t.true(ids.has('broken') && ids.has('eastron-sdm630'));
  t.deepEqual(problems, []);
});

const BAD: Record<string, [string, RegExp]> = {
  'an unknown field': [`${GOOD}speed: 1\n`, /speed \(line 9\): is not a field/],
  'an unknown quantity': [GOOD.replace('voltageL1', 'voltage_l1'), /rows\[0\]\.quantity \(line 8\)/],
  'an unknown type': [GOOD.replace('u16', 'u17'), /rows\[0\]\.type/],
  'a function that writes': [GOOD.replace('functionCode: 4', 'functionCode: 6'), /functionCode/],
  'an address beyond the last register': [GOOD.replace('addr: 0,', 'addr: 65536,'), /rows\[0\]\.addr/],
  'a value that reaches beyond the last register': [
    GOOD.replace('addr: 0, type: u16', 'addr: 65535, type: u32'),
    /rows\[0\] \(line 8\): reaches beyond/,
  ],
  'a value that no request can hold': [`maxRegisters: 1\n${GOOD.replace('u16', 'u32')}`, /needs 2 registers/],
  'a quantity in two rows': [`${GOOD}  - { quantity: voltageL1, addr: 4, type: u16, scale: 1 }\n`, /rows\[1\]/],
  'an id that is not the name of the file': [GOOD.replace('id: own', 'id: other'), /id \(line 1\): the file of other/],
  'invalid bits that are too wide': [GOOD.replace('scale: 0.1', "scale: 1, invalid: ['0x1FFFF']"), /wider than u16/],
  'a scale of zero': [GOOD.replace('0.1', '0'), /rows\[0\]\.scale/],
};

for (const [what, [text, expected]] of Object.entries(BAD)) {
  test(`refuses a profile with ${what}`, (t) => {
    t.regex(problemsOf(t, text), expected);
  });
}

test('tells all problems of a profile at once', (t) => {
  const problems = problemsOf(t, 'id: own\nvendor: V\nmodels: []\nfunctionCode: 9\nrows: []\nwhat: 1\n');
  for (const path of ['models', 'functionCode', 'trust', 'sources', 'rows', 'what']) {
    t.regex(problems, new RegExp(`^ {2}${path}\\b`, 'm'));
  }
});

test('what ships is completed without the schema as the schema completes it', async (t) => {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  t.true(profiles.size >= 15);
  for (const { path, profile, hash } of profiles.values()) {
    const parsed = parseProfile(await readFile(path), path, 'shipped');
    t.deepEqual(profile, parsed.profile, path);
    t.deepEqual(hash, parsed.hash);
  }
});

test('a shipped file that is no profile any more is told as one that is wrong', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'farola-profile-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'torn.yaml'), 'id: torn\nrows: [');
  const { profiles, problems } = await readProfiles([{ path: folder, origin: 'shipped' }]);
  t.is(profiles.size, 0);
  t.deepEqual(
    problems.map(({ code }) => code),
    ['profile-invalid'],
  );
});
