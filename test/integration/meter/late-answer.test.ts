import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LineArbiter } from '@farola/agent/meter/line/line-arbiter.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import { tcpTransport } from '@farola/agent/meter/line/tcp-transport.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import { type FarolaError, systemTimers } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { dataAnswer } from '../../fakes/modbus-frames.js';

/** A slave whose registers hold their own address, and which answers the first question late. */
async function slowSlave(t: ExecutionContext, lateMs: number): Promise<number> {
  let asked = 0;
  const server = createServer((socket) => {
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const { unit, address, count } = parseReadRequest(bytes);
      const registers = Array.from({ length: count }, (_, index) => address + index);
      systemTimers.after(asked++ === 0 ? lateMs : 0, () => socket.write(dataAnswer(unit, registers)));
    });
  });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

// modbus-serial alone gives every later question the answer of the one before, for ever (8.0.25, timeout 250 ms).
test('gives every question its own registers after an answer that came 400 ms late', async (t) => {
  const port = await slowSlave(t, 400);
  const transport = tcpTransport({ line: 'main', host: '127.0.0.1', port });
  const timing = { timeoutMs: 250, gapMs: 0, unitGapMs: 0, byteMs: 0, worstLatenessMs: 1_000 };
  const nowMs = () => performance.now();
  const line = new LineArbiter({ line: 'main', transport, nowMs, timers: systemTimers, timing });
  t.teardown(() => line.close());
  const client = (await loadModbusSerial())(line);
  const read = (address: number, count = 1) => client.read({ analyser: 'one', unit: 1, functionCode: 4, address, count });

  const first = await t.throwsAsync<FarolaError>(read(10));
  t.is(first.code, 'meter-timeout');
  t.deepEqual([...client.owedCounts(1, 4)], [1]);
  for (const address of [20, 30, 40]) t.deepEqual(await read(address, 2), Uint8Array.of(0, address, 0, address + 1));
  t.like(line.counters, { timeouts: 1, lateAnswers: 0, ok: 3, opened: 2 });
});
