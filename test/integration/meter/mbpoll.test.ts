import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QUANTITIES } from '@farola/shared';
import type { ExecutionContext } from 'ava';
import { FOREIGN_SLAVES } from '../../fakes/foreign-slaves.js';
import { readNamed, realMeter, temporaryFolder } from '../../fakes/modbus-bench.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testUnless } from '../../fakes/test-unless.js';

const run = promisify(execFile);

/** Input registers and holding registers hold the same: whole numbers of any bits, and from here on numbers with a fraction. */
const FLOATS_FROM = 300;
const PLACES = 600;
/** Rows of one profile, and so values of one comparison. */
const ROWS = 60;

const bytes = seededRandom('mbpoll').bytes(4 * PLACES);
const REGISTERS = registersOf(Buffer.from(bytes));

/** A type as mbpoll prints it, and as a profile names it. */
interface Kind {
  /** Of `-t 3:` and `-t 4:`; empty for 16 bits without a sign. */
  readonly mbpoll: string;
  readonly type: 'u16' | 's16' | 's32' | 'float32';
  readonly wordOrder: 'highFirst' | 'lowFirst';
}

const KINDS: Readonly<Record<string, Kind>> = {
  '16 bits': { mbpoll: '', type: 'u16', wordOrder: 'highFirst' },
  '16 bits with a sign': { mbpoll: '', type: 's16', wordOrder: 'highFirst' },
  '16 bits in hexadecimal': { mbpoll: ':hex', type: 'u16', wordOrder: 'highFirst' },
  '32 bits, high word first': { mbpoll: ':int', type: 's32', wordOrder: 'highFirst' },
  '32 bits, low word first': { mbpoll: ':int', type: 's32', wordOrder: 'lowFirst' },
  'floating point, high word first': { mbpoll: ':float', type: 'float32', wordOrder: 'highFirst' },
  'floating point, low word first': { mbpoll: ':float', type: 'float32', wordOrder: 'lowFirst' },
};

/** What a profile allows in requests: the planner goes other ways by each. */
const LIMITS = [{}, { maxRegisters: 11 }, { maxHoleRegisters: 0 }, { maxRegisters: 40, evenCountOnly: true }];

const noMbpoll = await run('mbpoll', ['-V']).then(
  () => undefined,
  () => 'needs mbpoll',
);

for (const { name, missing, startTcp, startTerminal } of FOREIGN_SLAVES) {
  const test = testUnless(missing ?? noMbpoll);

  test(`reads from a slave of ${name} by Modbus TCP what mbpoll reads`, async (t) => {
    const port = await startTcp(t, REGISTERS);
    const line = `{ id: main, transport: modbus-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 5000 }`;
    await compareAll(t, line, ['-m', 'tcp', '-p', String(port), '127.0.0.1']);
  });

  test(`reads from a slave of ${name} on a serial port what mbpoll reads`, async (t) => {
    const path = await startTerminal(t, REGISTERS);
    const line = `{ id: main, transport: rtu, path: ${path}, baud: 115200, parity: none, timeoutMs: 5000 }`;
    await compareAll(t, line, ['-m', 'rtu', '-b', '115200', '-P', 'none', path]);
  });
}

async function compareAll(t: ExecutionContext, line: string, where: readonly string[]): Promise<void> {
  let limits = 0;
  for (const [what, kind] of Object.entries(KINDS)) {
    for (const functionCode of [3, 4] as const) {
      const first = kind.type === 'float32' ? FLOATS_FROM + (kind.wordOrder === 'lowFirst' ? 150 : 0) : 7 * limits;
      const theirs = await readByMbpoll(kind, functionCode, first, where);
      t.is(theirs.size, ROWS);
      const ours = await readByMeter(t, line, kind, functionCode, [...theirs.keys()], LIMITS[limits++ % LIMITS.length] ?? {});
      for (const [address, value] of theirs) {
        const here = `${what}, function ${functionCode}, register ${address}`;
        t.true(isSame(ours.get(address), value, kind), `${here}: ${String(ours.get(address))}, mbpoll has ${value}`);
      }
    }
  }
}

/** Values by address as mbpoll prints them. */
async function readByMbpoll(
  { mbpoll, type, wordOrder }: Kind,
  functionCode: 3 | 4,
  first: number,
  where: readonly string[],
): Promise<Map<number, string>> {
  const table = functionCode === 3 ? '4' : '3';
  const wide = type === 's32' || type === 'float32';
  const order = wide && wordOrder === 'highFirst' ? ['-B'] : [];
  const options = ['-t', `${table}${mbpoll}`, '-a', '1', '-0', '-r', String(first), '-c', String(ROWS), ...order];
  const [device = '', ...link] = where.toReversed();
  const { stdout } = await run('mbpoll', [...options, '-1', '-o', '5', ...link.toReversed(), device]);
  return new Map(
    [...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)(?: \((-\d+)\))?$/gm)].map(([, address, printed = '', signed]) => [
      Number(address),
      type === 's16' ? (signed ?? printed) : printed,
    ]),
  );
}

/** The same values, by address, out of a reading by a real meter with a profile of these rows. */
async function readByMeter(
  t: ExecutionContext,
  line: string,
  { type, wordOrder }: Kind,
  functionCode: 3 | 4,
  addresses: readonly number[],
  limits: object,
): Promise<Map<number, string | null>> {
  const profilesDir = await temporaryFolder(t);
  const rows = addresses.map((addr, index) => ({ quantity: QUANTITIES[index]?.name ?? '', addr, type, scale: 1 }));
  const source = { id: 'test', document: 'a test' };
  const about = { id: 'compared', vendor: 'none', models: ['none'], trust: 'code', sources: [source], defaultSource: ['test'] };
  await writeFile(join(profilesDir, 'compared.yaml'), JSON.stringify({ ...about, functionCode, wordOrder, ...limits, rows }));
  const analyser = '{ id: one, line: main, unit: 1, profile: compared }';
  const meter = await realMeter(t, `profilesDir: ${profilesDir}\nlines: [${line}]\nanalysers: [${analyser}]\n`);
  const { status, named } = await readNamed(meter, 0);
  await meter.close();
  t.is(status, 'complete');
  return new Map(rows.map(({ quantity, addr }) => [addr, named[quantity] ?? null]));
}

/** mbpoll prints six digits of a floating point number; we, the decimals of its quantity. */
function isSame(ours: string | null | undefined, theirs: string, { type }: Kind): boolean {
  if (ours === null || ours === undefined) return false;
  if (type !== 'float32') return Number(ours) === Number(theirs);
  const decimals = ours.split('.').at(1)?.length ?? 0;
  const tolerance = 0.5 * 10 ** -decimals + 5e-6 * Math.abs(Number(theirs));
  return Math.abs(Number(ours) - Number(theirs)) <= tolerance;
}

/** Random bits; from `FLOATS_FROM` on, floating point numbers from a thousandth to a million, high word first and then low. */
function registersOf(random: Buffer): Map<number, number> {
  const words = new Map<number, number>();
  for (let address = 0; address < FLOATS_FROM; address++) words.set(address, random.readUInt16BE(2 * address));
  for (let address = FLOATS_FROM; address < PLACES; address += 2) {
    const drawn = random.readInt32BE(2 * address) / 2 ** 31;
    const number = Buffer.alloc(4);
    number.writeFloatBE(Math.sign(drawn) * 10 ** (9 * Math.abs(drawn) - 3));
    const [high, low] = [number.readUInt16BE(0), number.readUInt16BE(2)];
    const lowFirst = address >= FLOATS_FROM + 150;
    words.set(address, lowFirst ? low : high);
    words.set(address + 1, lowFirst ? high : low);
  }
  return words;
}
