import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { profileFindings } from '@farola/agent/meter/profile/profile-rules.js';
import { partsOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile, ProfileRow } from '@farola/agent/meter/profile/profile.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { formatValue, quantityByName } from '@farola/shared';
import test from 'ava';
import { bytesOfWords, collectedMeters, profileVectors, quantityOf } from '../../../fakes/profile-vectors.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

function shipped(id: string): Profile {
  const loaded = profiles.get(id);
  if (!loaded) throw new RangeError(`${id} is not shipped`);
  return loaded.profile;
}

function rowOf(profile: Profile, quantity: string): ProfileRow {
  const row = profile.rows.find((one) => one.quantity === quantity);
  if (!row) throw new RangeError(`${profile.id} has no ${quantity}`);
  return row;
}

function shown(profile: Profile, quantity: string, address: number, words: string): string | null {
  const value = decodeRow(rowOf(profile, quantity), { address, bytes: bytesOfWords(words) }, profile);
  return value === null ? null : formatValue(value, quantityByName(quantity)?.decimals ?? 0);
}

const REMAINDER = '_remainder';

test('all 552 collected registers are in the profiles: 550 rows, two of which take the remainder of their counter in', (t) => {
  const meters = collectedMeters();
  t.deepEqual(meters.map(({ id }) => id).toSorted(), [...profiles.keys()]);
  t.is(meters.flatMap(({ registers }) => registers).length, 552);
  const rows = [...profiles.values()].flatMap(({ profile }) => profile.rows);
  t.is(rows.length, 550);
  t.is(meters.flatMap(({ registers }) => registers.filter(({ q }) => q.endsWith(REMAINDER))).length, 2);
});

for (const { id, functionCode, wordOrder, maxRegisters, registers } of collectedMeters()) {
  test(`${id} has every register as it was collected`, (t) => {
    const profile = shipped(id);
    t.like(profile, { functionCode, wordOrder, maxRegisters, byteOrder: 'highFirst' });
    t.is(profile.rows.length, registers.filter(({ q }) => !q.endsWith(REMAINDER)).length);
    for (const { q, addr, type, scale, unit } of registers) {
      const row = rowOf(profile, quantityOf(q.replace(REMAINDER, '')));
      const [high, low] = partsOf(row);
      t.like(q.endsWith(REMAINDER) ? low : high, { addr, type, scale }, q);
      t.is(row.unit, unit);
      t.is(quantityByName(row.quantity)?.unit, unit as never);
    }
  });
}

for (const { profile: id, registers, values, cases } of profileVectors()) {
  test(`${id} decodes every quantity of its register image`, (t) => {
    const profile = shipped(id);
    t.deepEqual(new Set(Object.keys(values)), new Set<string>(profile.rows.map(({ quantity }) => quantity)));
    for (const [quantity, value] of Object.entries(values)) {
      const at = Math.min(...partsOf(rowOf(profile, quantity)).map(({ addr }) => addr));
      const image = registers.find(({ address, words }) => address <= at && at < address + words.split(' ').length);
      t.is(image && shown(profile, quantity, image.address, image.words), value, quantity);
    }
  });

  for (const { name, address, words, quantity, value } of cases) {
    test(`${id} decodes ${name}`, (t) => {
      t.is(shown(shipped(id), quantity, address, words), value);
    });
  }
}

test('every shipped profile is without error, and its warnings are those that are meant', (t) => {
  const findings = [...profiles.values()].flatMap(({ profile }) =>
    profileFindings(profile).map((finding) => ({ id: profile.id, ...finding })),
  );
  t.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  const verify = findings.filter(({ message }) => message.includes('to be verified'));
  t.deepEqual(
    verify.map(({ id, path }) => `${id} ${profiles.get(id)?.profile.rows[Number(path[1])]?.quantity}`),
    [
      'circutor-cvm-c10 activeEnergyImportTotal',
      'circutor-cvm-c10 reactiveEnergyInductiveTotal',
      'circutor-cvm-c10 apparentEnergyTotal',
      'circutor-cvm-c10 activeEnergyExportTotal',
    ],
  );
  for (const { profile } of profiles.values()) {
    const isOpen = (row: ProfileRow): boolean => !row.source && !profile.defaultSource && profile.sources.length > 1;
    t.false(profile.rows.some(isOpen), profile.id);
  }
});

test('each profile says what must never be written, where the collected facts do', (t) => {
  const dangers = (id: string) => shipped(id).neverWrite.map(({ register, coil }) => register ?? coil);
  t.deepEqual(dangers('circutor-cvm-c10'), [0x0834, 0x2710]);
  t.deepEqual(dangers('eastron-sdm630'), [0xf010]);
  t.deepEqual(dangers('carlo-gavazzi-em300'), [0x4000, 0x4001, 0x4002]);
  t.deepEqual(dangers('janitza-umg96rm'), [507]);
  t.deepEqual(dangers('socomec-countis-e34'), [0xe200, 0xe222]);
  t.deepEqual(dangers('socomec-countis-e23'), [0xe200, 0xe222, 0xe224]);
  t.deepEqual(dangers('socomec-diris-a10'), [0xe200, 0x0400]);
});

/** Pages, tables and sections that the collected facts name; of all else they tell no page. */
const PAGES: Readonly<Record<string, string>> = {
  'abb-b23-b24 manual': 'p. 108',
  'carlo-gavazzi-em300 em341': 'tables 2.4 and 2.5',
  'circutor-cvm-c10 manual': 'p. 74 ff',
  'circutor-cvm-mini manual': 'p. 23 (per phase, and temperature)',
  'circutor-cvm-mini manual-copy': 'p. 23',
  'circutor-cvm-mini cvm-c5': 'p. 45',
  'eastron-sdm630 protocol': 'table 30001 to 30381',
  'schneider-iem3155 doca0157': 'p. 97 to 101',
  'siemens-pac3200 pac4200': 'p. 208',
};

test('each source of a shipped profile has its page, or says plainly that it has none; and no page is another than was collected', (t) => {
  const sources = [...profiles.values()].flatMap(({ profile }) =>
    profile.sources.map((source) => ({ name: `${profile.id} ${source.id}`, ...source })),
  );
  const silent = sources.filter(({ kind = 'document', page, whyNoPage }) => kind === 'document' && !page && !whyNoPage);
  t.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
  t.deepEqual(Object.fromEntries(sources.flatMap(({ name, page }) => (page ? [[name, page]] : []))), PAGES);
  t.deepEqual(
    sources.flatMap(({ name, whyNoPage }) => (whyNoPage ? [name] : [])),
    ['janitza-umg96rm umg96rm', 'janitza-umg96rm umg604'],
  );
});
