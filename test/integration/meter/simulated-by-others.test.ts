import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProfileRow } from '@farola/agent/meter/profile/profile.js';
import type { ExecutionContext } from 'ava';
import { farolaAgent } from '../../fakes/agent-process.js';
import { PYTHON } from '../../fakes/modbus-foreign-slave.js';
import { ptyMeters, shippedProfile, tcpMeters } from '../../fakes/pty-meter.js';
import { testUnless } from '../../fakes/test-unless.js';

const run = promisify(execFile);
const READER = fileURLToPath(new URL('../../../fakes/pymodbus_reader.py', import.meta.url));
const PROFILE = shippedProfile('eastron-sdm630');

/** Registers in a row that are all numbers of the map, by function 4. */
interface Run {
  readonly first: number;
  readonly rows: readonly ProfileRow[];
}

const RUNS = runsOf(PROFILE.rows, PROFILE.maxRegisters);

/** How one line is reached: by our flags, and by those of the others; undefined where they do not speak it. */
interface Line {
  readonly ours: readonly string[];
  readonly mbpoll: readonly string[] | undefined;
  readonly pymodbus: readonly [kind: string, place: string];
}

const LINES: Readonly<Record<string, (t: ExecutionContext) => Promise<Line>>> = {
  'on a pseudo-terminal': (t) => {
    const path = ptyMeters(t, { profile: PROFILE });
    return Promise.resolve({
      ours: ['--port', path],
      mbpoll: ['-m', 'rtu', '-b', '9600', '-P', 'none', path],
      pymodbus: ['serial', path],
    });
  },
  'by Modbus TCP': async (t) => {
    const port = String(await tcpMeters(t, 'tcp', { profile: PROFILE }));
    return {
      ours: ['--host', '127.0.0.1', '--tcp-port', port, '--transport', 'modbus-tcp'],
      mbpoll: ['-m', 'tcp', '-p', port, '127.0.0.1'],
      pymodbus: ['tcp', port],
    };
  },
  'by RTU over TCP': async (t) => {
    const port = String(await tcpMeters(t, 'rtu', { profile: PROFILE }));
    return {
      ours: ['--host', '127.0.0.1', '--tcp-port', port, '--transport', 'rtu-over-tcp'],
      mbpoll: undefined,
      pymodbus: ['rtu-over-tcp', port],
    };
  },
};

const works = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );
const missing = [
  ...((await works('mbpoll', ['-V'])) ? [] : ['mbpoll']),
  ...((await works(PYTHON, ['-c', 'import pymodbus, serial'])) ? [] : ['python3-pymodbus']),
];

for (const [where, open] of Object.entries(LINES)) {
  const test = testUnless(missing.length === 0 ? undefined : `needs ${missing.join(' and ')}`);
  test(`a simulated SDM630 ${where} says the same to mbpoll, to pymodbus and to meter read, in every quantity`, async (t) => {
    const { ours, mbpoll, pymodbus } = await open(t);
    const flags = ['--unit', '1', '--profile', PROFILE.id, '--timeout-ms', '10000', '--json'];
    const { code, out, err } = await farolaAgent(['meter', 'read', ...ours, ...flags]);
    t.is(code, 0, err);
    const { values } = JSON.parse(out) as { values: { quantity: string; value: string | null }[] };
    const read = new Map(values.map(({ quantity, value }) => [quantity, value]));
    t.deepEqual(new Set(read.keys()), new Set<string>(PROFILE.rows.map(({ quantity }) => quantity)));
    compare(t, read, await byPymodbus(pymodbus), 1e-12);
    // It prints six digits.
    if (mbpoll) compare(t, read, await byMbpoll(mbpoll), 5e-6);
  });
}

/** @param theirs raw numbers by quantity @param share how far off they may be beside the decimals that we keep */
function compare(
  t: ExecutionContext,
  ours: ReadonlyMap<string, string | null>,
  theirs: ReadonlyMap<string, number>,
  share: number,
): void {
  t.is(theirs.size, PROFILE.rows.length);
  t.true(
    [...theirs.values()].some((value) => value > 200 && value < 260),
    'a voltage is among them',
  );
  for (const row of PROFILE.rows) {
    const raw = theirs.get(row.quantity) ?? NaN;
    const value = ours.get(row.quantity) ?? null;
    if (row.zeroIsMissing && raw === 0) {
      t.is(value, null, row.quantity);
      continue;
    }
    const expected = raw * ('composite' in row ? NaN : row.scale);
    const step = 10 ** -(value?.split('.').at(1)?.length ?? 0);
    const isSame = value !== null && Math.abs(Number(value) - expected) <= step / 2 + share * Math.abs(expected) + 1e-9;
    t.true(isSame, `${row.quantity}: ${value}, the other reads ${expected}`);
  }
}

async function byPymodbus(place: readonly string[]): Promise<Map<string, number>> {
  const reading = run(PYTHON, [READER, ...place]);
  reading.child.stdin?.end(JSON.stringify(RUNS.map(({ first, rows }) => [4, first, 2 * rows.length])));
  const blocks = JSON.parse((await reading).stdout) as number[][];
  return new Map(
    RUNS.flatMap(({ rows }, block) => rows.map((row, index) => [row.quantity, floatOf(blocks[block] ?? [], 2 * index)] as const)),
  );
}

async function byMbpoll(place: readonly string[]): Promise<Map<string, number>> {
  const [device = '', ...link] = place.toReversed();
  const values = new Map<string, number>();
  for (const { first, rows } of RUNS) {
    const asked = ['-t', '3:float', '-B', '-a', '1', '-0', '-r', String(first), '-c', String(rows.length), '-1', '-o', '10'];
    const { stdout } = await run('mbpoll', [...asked, ...link.toReversed(), device]);
    const printed = new Map([...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)].map(([, at, value]) => [Number(at), Number(value)]));
    rows.forEach((row, index) => values.set(row.quantity, printed.get(first + 2 * index) ?? NaN));
  }
  return values;
}

/** Two registers, high word first, as the maker prints them. */
function floatOf(words: readonly number[], at: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, words[at] ?? 0);
  view.setUint16(2, words[at + 1] ?? 0);
  return view.getFloat32(0);
}

/** Rows that lie side by side, no more together than the model gives at once. */
function runsOf(rows: readonly ProfileRow[], most: number): Run[] {
  const runs: { first: number; rows: ProfileRow[] }[] = [];
  const plain = rows.flatMap((row) => ('composite' in row ? [] : [row]));
  for (const row of plain.toSorted((a, b) => a.addr - b.addr)) {
    if (row.type !== 'float32' || (row.functionCode ?? PROFILE.functionCode) !== 4) throw new RangeError(row.quantity);
    const last = runs.at(-1);
    if (last && row.addr === last.first + 2 * last.rows.length && 2 * last.rows.length + 2 <= most) last.rows.push(row);
    else runs.push({ first: row.addr, rows: [row] });
  }
  return runs;
}
