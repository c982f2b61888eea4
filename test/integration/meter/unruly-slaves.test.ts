import { LineArbiter } from '@farola/agent/meter/line/line-arbiter.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import type { LineCounters } from '@farola/agent/meter/line/line-counters.js';
import { timingOf } from '@farola/agent/meter/line/line-timing.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import type { LineConfig } from '@farola/agent/config.js';
import type { RegisterClient, RegisterQuestion } from '@farola/agent/meter/line/register-client.js';
import { FarolaError, pause, systemTimers } from '@farola/shared';
import type { ExecutionContext } from 'ava';
import { FOREIGN_SLAVES } from '../../fakes/foreign-slaves.js';
import { registerAt } from '../../fakes/late-slave.js';
import { startHeldPty } from '../../fakes/modbus-foreign-slave.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testUnless } from '../../fakes/test-unless.js';
import { MANNERS, startUnrulyRelay } from '../../fakes/unruly-relay.js';
import type { Framing, Manner } from '../../fakes/unruly-relay.js';

/** Answers that arrive whole and in time, whatever stands around them. */
const READABLE: ReadonlySet<Manner> = new Set([
  'straight',
  'byte-by-byte',
  'in-halves',
  'echo',
  'twice',
  'junk-before',
  'junk-behind',
]);
const FAILURES = ['meter-timeout', 'meter-malformed', 'line-unavailable'];
const REGISTERS = new Map(Array.from({ length: 500 }, (_, address) => [address, registerAt(address)]));
/** A register that the slave does not have. */
const NOWHERE = 2_000;
const LARGEST_COUNT = 20;
const TIMEOUT_MS = 400;
/** A late answer comes so long after its question was given up. */
const LATE_MS = 200;
const WORST_LATENESS_MS = 6_000;
/** A machine that was held up makes a good answer a late one: it is asked for so often. */
const ATTEMPTS = 12;
/** While answers are owed, it is looked so often whether they still are. */
const LOOK_MS = 100;
const ROUNDS = 2;

type Question = RegisterQuestion & { readonly bytes: Uint8Array };

interface Line {
  readonly framing: Framing;
  readonly config: (t: ExecutionContext, port: number) => Promise<object>;
}

const LINES: Readonly<Record<string, Line>> = {
  'on a serial port': {
    framing: 'rtu',
    config: async (t, port) => {
      const path = await startHeldPty(t, `tcp:127.0.0.1:${port}`);
      return { transport: 'rtu', path, baud: 115_200, parity: 'none' };
    },
  },
  'by RTU over TCP': { framing: 'rtu', config: async (_, port) => ({ transport: 'rtu-over-tcp', host: '127.0.0.1', port }) },
  'by Modbus TCP': { framing: 'tcp', config: async (_, port) => ({ transport: 'modbus-tcp', host: '127.0.0.1', port }) },
};

for (const { name, missing, start } of FOREIGN_SLAVES) {
  for (const [where, { framing, config }] of Object.entries(LINES)) {
    const test = testUnless(missing);
    test(`a slave of ${name} ${where} is read right or not at all, whatever happens to its answers`, async (t) => {
      const random = drawsOf(`${name} ${where}`);
      let manner: Manner = 'straight';
      let over = Promise.resolve();
      const slave = await start(t, REGISTERS, framing);
      const port = await startUnrulyRelay(t, { framing, slave, manner: () => manner, over: () => over, lateMs: LATE_MS, random });
      const { client, counters } = await clientOf(t, await config(t, port));
      const read: Question[] = [];
      let count = LARGEST_COUNT;

      const ask = async (as: Manner, address = Math.floor(random() * (REGISTERS.size - LARGEST_COUNT))): Promise<string> => {
        const functionCode = random() < 0.5 ? 3 : 4;
        const owed = client.owedCounts(1, functionCode);
        const free = Array.from({ length: LARGEST_COUNT }, (_, index) => index + 1).filter((count) => !owed.has(count));
        // As many as the last time, where the line lets us: then a late answer fits, but for its registers.
        if (owed.has(count) || random() < 0.2) count = free[Math.floor(random() * free.length)] ?? 1;
        const question = { analyser: 'one', unit: 1, functionCode, address, count } as const;
        manner = as;
        let end = (): void => undefined;
        over = new Promise((resolve) => (end = resolve));
        try {
          read.push({ ...question, bytes: await client.read(question) });
          return 'read';
        } catch (error) {
          if (!(error instanceof FarolaError)) throw error;
          return error.code === 'meter-exception' ? `exception ${String(error.facts['exception'])}` : error.code;
        } finally {
          end();
        }
      };
      const becomes = async (wanted: string, as: Manner, address?: number): Promise<void> => {
        const outcomes: string[] = [];
        while (outcomes.length < ATTEMPTS && outcomes.at(-1) !== wanted) outcomes.push(await ask(as, address));
        t.is(outcomes.at(-1), wanted, `${as}: ${outcomes.join()}`);
      };

      /** Until then an exception by RTU may be that to an earlier question, and is not taken. */
      const nothingOwed = async (): Promise<void> => {
        while (([3, 4] as const).some((functionCode) => client.owedCounts(1, functionCode).size > 0))
          await pause(systemTimers, LOOK_MS);
      };

      for (let attempt = 1, outcome = ''; outcome !== 'exception 2'; attempt++) {
        await nothingOwed();
        outcome = await ask('straight', NOWHERE);
        t.true(outcome === 'exception 2' || (FAILURES.includes(outcome) && attempt < ATTEMPTS), `${attempt}: ${outcome}`);
        if (attempt === ATTEMPTS) break;
      }
      for (let round = 0; round < ROUNDS; round++) {
        for (const one of MANNERS[framing]) {
          const { echoes } = counters;
          if (READABLE.has(one)) await becomes('read', one);
          else {
            const outcome = await ask(one);
            t.true(FAILURES.includes(outcome), `${one}: ${outcome}`);
          }
          t.is(counters.echoes > echoes, one === 'echo', `${one}: ${counters.echoes} echoes after ${echoes}`);
          await becomes('read', 'straight');
        }
        // While an answer is owed by RTU, an exception may be that to an earlier question, and says nothing.
        t.not(await ask('straight', NOWHERE), 'read');
      }
      // Compared at the end, when all later answers have come.
      for (const { bytes, ...question } of read) t.deepEqual([...bytes], expected(question), JSON.stringify(question));
      t.true(read.length >= ROUNDS * MANNERS[framing].length);
    });
  }
}

function expected({ address, count }: RegisterQuestion): number[] {
  return Array.from({ length: count }, (_, index) => registerAt(address + index)).flatMap((word) => [word >> 8, word & 0xff]);
}

async function clientOf(
  t: ExecutionContext,
  line: object,
): Promise<{ readonly client: RegisterClient; readonly counters: LineCounters }> {
  const config = lineConfig({ id: 'main', timeoutMs: TIMEOUT_MS, worstLatenessMs: WORST_LATENESS_MS, ...line });
  const { transportOf, clientOf, nowMs } = await lineAdapters();
  const arbiter = new LineArbiter({
    line: config.id,
    transport: transportOf(config),
    nowMs,
    timers: systemTimers,
    timing: timingOf(config),
    units: new Map([[1, { minGapMs: 0, leastMs: TIMEOUT_MS }]]),
  });
  t.teardown(() => arbiter.close());
  return { client: clientOf(arbiter), counters: arbiter.counters };
}

function lineConfig(line: object): LineConfig {
  const [parsed] = agentConfigSchema.shape.lines.parse([line]);
  if (!parsed) throw new RangeError('no line');
  return parsed;
}

/** Numbers from 0 up to 1, the same in every run. */
function drawsOf(seed: string): () => number {
  const random = seededRandom(seed);
  return () => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
}
