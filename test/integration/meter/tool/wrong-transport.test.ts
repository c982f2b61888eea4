import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { farolaAgent } from '../../../fakes/agent-process.js';

/** Something on the network that answers what it is sent; gives the options that name it. */
async function host(t: ExecutionContext, answer: (bytes: Buffer) => Buffer | undefined): Promise<string[]> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const said = answer(bytes);
      if (said) socket.write(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return ['--host', '127.0.0.1', '--tcp-port', String((server.address() as AddressInfo).port)];
}

/** A device that answers RTU frames alone would see no question in those of Modbus TCP, and the other way round. */
const silent = (): undefined => undefined;

/** Modbus TCP: the two registers 0x0001 and 0x0002 to any question, under a transaction of its own where one is told. */
const modbusTcp =
  (transaction?: number) =>
  (bytes: Buffer): Buffer => {
    const told = transaction ?? bytes.readUInt16BE(0);
    return Buffer.from([told >> 8, told & 0xff, 0, 0, 0, 7, bytes[6] ?? 0, bytes[7] ?? 0, 4, 0, 1, 0, 2]);
  };

const RAW = ['--unit', '1', '--register', '0', '--timeout-ms', '200'];

for (const transport of ['rtu-over-tcp', 'modbus-tcp']) {
  test(`when ${transport} is spoken to a host and nothing answers, the other transport is advised`, async (t) => {
    const { code, err } = await farolaAgent(['meter', 'read', ...(await host(t, silent)), '--transport', transport, ...RAW]);
    t.is(code, 69, err);
    t.regex(err, /^error: .* did not answer within 200 ms\nhint: .*transport.*`modbus-tcp`.*`rtu-over-tcp`/);
  });
}

test('a host that answers RTU frames by Modbus TCP is told as that, with advice', async (t) => {
  const { code, err } = await farolaAgent(['meter', 'read', ...(await host(t, modbusTcp())), ...RAW]);
  t.is(code, 69, err);
  t.regex(err, /it speaks Modbus TCP, and was asked by RTU frames\nhint: .*`modbus-tcp`/);
});

test('a gateway that answers by transaction 0 is told as that, and is read with what is advised', async (t) => {
  const at = [...(await host(t, modbusTcp(0))), '--transport', 'modbus-tcp', ...RAW];
  const { code, err } = await farolaAgent(['meter', 'read', ...at]);
  t.is(code, 69, err);
  t.regex(err, /answers carry transaction 0.*\nhint: .*`zeroTransactions`/);
  const read = await farolaAgent(['meter', 'read', ...at, '--zero-transactions', '--json']);
  t.is(read.code, 0, read.err);
  t.like(JSON.parse(read.out), { registers: [{ raw: 1 }, { raw: 2 }] });
});

test('a scan of a TCP port that is closed tells of the network, and of no wires', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const at = ['--host', '127.0.0.1', '--tcp-port', String(port)];
  const { code, out, err } = await farolaAgent(['meter', 'scan', ...at, '--units', '1']);
  t.is(code, 69, err);
  t.is(out, '');
  t.regex(err, /^error: line line-1 at 127\.0\.0\.1:\d+: [^\n]*ECONNREFUSED[^\n]*\nhint: check cable, port and gateway/);
});

test('a scan of a host that is silent asks for the transport before the wires', async (t) => {
  const at = await host(t, silent);
  const { code, out, err } = await farolaAgent(['meter', 'scan', ...at, '--units', '1', '--timeout-ms', '60']);
  t.is(code, 0, err);
  t.regex(out, /^nobody answered, and the connection stands: try the other --transport/);
  t.false(out.includes('A and B'));
});
