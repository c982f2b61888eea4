import { LineArbiter } from '@farola/agent/meter/line/line-arbiter.js';
import { mbapTransport } from '@farola/agent/meter/line/mbap-transport.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import { serialportTransport } from '@farola/agent/meter/line/serialport-transport.js';
import { tcpTransport } from '@farola/agent/meter/line/tcp-transport.js';
import type { ByteTransport } from '@farola/agent/meter/line/byte-transport.js';
import { FarolaError, systemTimers } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { registerAt, startLateSlave } from '../../fakes/late-slave.js';
import type { Delay, LateSlaveOptions } from '../../fakes/late-slave.js';
import { startHeldPty } from '../../fakes/modbus-foreign-slave.js';
import { seededRandom } from '../../fakes/seeded-random.js';

const isLong = process.env['FAROLA_LONG'] === '1';
/** Answers come 50 ms to 5 s late; in the quick run a tenth of that. */
const SCALE = isLong ? 1 : 1 / 10;
const READS = isLong ? 10_000 : 300;
const LATE_SHARE = isLong ? 0.02 : 0.1;
const WORST_MS = 5_000 * SCALE;
/** The claim reaches well beyond what the slave does, and the machine may add. */
const TIMING = { byteMs: 0, gapMs: 0, unitGapMs: 0, timeoutMs: isLong ? 250 : 50, worstLatenessMs: WORST_MS + 2_000 };
const LARGEST_COUNT = 60;

/** Numbers from 0 up to 1, the same in every run. */
function drawsOf(seed: string): () => number {
  const random = seededRandom(seed);
  return () => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
}

/** Draws 50 ms to 5 s for some answers, and lets as many never come. */
function lateness(random: () => number): () => Delay {
  return () => {
    const drawn = random();
    if (drawn > LATE_SHARE) return 0;
    return drawn < LATE_SHARE / 10 ? 'never' : (50 + random() * 4_950) * SCALE;
  };
}

interface Transports {
  readonly framing: LateSlaveOptions['framing'];
  readonly transport: (t: ExecutionContext, port: number) => Promise<ByteTransport>;
}

const TRANSPORTS: Record<string, Transports> = {
  'over a pty': {
    framing: 'rtu',
    transport: async (t, port) => {
      const path = await startHeldPty(t, `tcp:127.0.0.1:${port}`);
      return serialportTransport({ line: 'main', path, baud: 115_200, parity: 'none', dataBits: 8, stopBits: 1 });
    },
  },
  'by RTU over TCP': {
    framing: 'rtu',
    transport: async (_, port) => tcpTransport({ line: 'main', host: '127.0.0.1', port, lends: false }),
  },
  'through a gateway that answers transaction 0': {
    framing: 'zero',
    transport: async (_, port) =>
      mbapTransport(tcpTransport({ line: 'main', host: '127.0.0.1', port, lends: true }), { zeroTransactions: true }),
  },
};

for (const [where, { framing, transport }] of Object.entries(TRANSPORTS)) {
  test(`of ${READS} reads ${where}, of which some are answered 50 ms to 5 s late and out of order, none has a wrong value`, async (t) => {
    if (isLong) t.timeout(20 * 60_000);
    const random = drawsOf('late answers');
    const slave = await startLateSlave(t, { framing, delay: lateness(random), worstMs: 1.5 * WORST_MS });
    const line = new LineArbiter({
      line: 'main',
      transport: await transport(t, slave.port),
      nowMs: () => performance.now(),
      timers: systemTimers,
      timing: TIMING,
    });
    t.teardown(() => line.close());
    const client = (await loadModbusSerial())(line);
    let right = 0;
    for (let read = 0; read < READS; read++) {
      if (isLong && read % 1_000 === 0) process.stderr.write(`late answers ${where}: ${read} of ${READS}\n`);
      const owed = client.owedCounts(1, 4);
      const free = Array.from({ length: LARGEST_COUNT }, (_, index) => index + 1).filter((count) => !owed.has(count));
      const count = free[Math.floor(random() * Math.min(free.length, 3))] ?? 1;
      const address = Math.floor(random() * 60_000);
      const bytes = await client.read({ analyser: 'one', unit: 1, functionCode: 4, address, count }).catch(codeOf);
      if (typeof bytes === 'string') continue;
      const expected = Array.from({ length: count }, (_, index) => registerAt(address + index));
      if (!bytes.every((byte, index) => byte === byteOf(expected, index))) t.fail(`wrong value in read ${read}`);
      right++;
    }
    t.log({ right, late: slave.late(), ...line.counters });
    t.true(slave.late() > READS * LATE_SHARE * 0.5, 'the slave was late often enough');
    t.true(right > READS * 0.3, 'most reads succeed all the same');
    t.is(right + line.counters.timeouts + line.counters.malformed, READS);
  });
}

function byteOf(registers: readonly number[], index: number): number {
  const register = registers[index >> 1] ?? 0;
  return index % 2 === 0 ? register >> 8 : register & 0xff;
}

function codeOf(error: unknown): string {
  if (error instanceof FarolaError) return error.code;
  throw error;
}
