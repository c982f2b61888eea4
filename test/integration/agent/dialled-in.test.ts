import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { HelloBudget } from '@farola/agent/link/hello-budget.js';
import { runListeningLink } from '@farola/agent/link/listening-link.js';
import { RefusalLog } from '@farola/agent/log/refusal-log.js';
import { wsListener } from '@farola/agent/link/ws-listener.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import type { Channel } from '@farola/collector/link/channel.js';
import type { Greeted } from '@farola/collector/link/hello-exchange.js';
import { makeHello } from '@farola/collector/link/hello-exchange.js';
import { keepDialled } from '@farola/collector/link/keep-dialled.js';
import { wsLcuDialler } from '@farola/collector/link/ws-dialler.js';
import { codeOf, type ErrorCode, systemClock, systemRandom, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { dialTcp, eventOrClose, UPGRADE } from '../../fakes/hostile-client.js';
import { connectionDeps, LCU_KEY, pollFrame, RecordedLog } from '../../fakes/link-bench.js';
import { testIdentity, testLcu } from '../../fakes/test-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal } from '../../fakes/test-journal.js';
import { nodeVerify } from '../../fakes/test-signer.js';

const IDENTITY = testIdentity();

/** An agent's link that waits to be dialled at a free port of the loopback. */
async function listening(t: ExecutionContext) {
  const journal = await openTestJournal(temporaryFolder(t));
  const log = new RecordedLog();
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const port = await new Promise<number>((resolve) => {
    const refusals = new RefusalLog(log);
    const watched = { idlePingMs: 600_000, clock: systemClock(), timers: systemTimers, warn: refusals.refused };
    const deps = {
      ...connectionDeps(journal, log),
      refusals,
      hellos: new HelloBudget(systemClock()),
      pollKeys: () => [IDENTITY.pollSigner.publicKey],
      timers: systemTimers,
      redial: { minMs: 100, maxMs: 1_000 },
      listen: wsListener({ ...watched, host: '127.0.0.1', port: 0, listening: resolve }),
    };
    running = runListeningLink(deps, ending.signal);
  });
  t.teardown(async () => {
    ending.abort();
    await running;
    journal.close();
  });
  return { port, journal, log };
}

/** Dials as a collector does; gives the first connection that was greeted, or the code of the first that was not. */
function dialled(t: ExecutionContext, port: number, lcuId = 'malaga-0042') {
  const ending = new AbortController();
  const dial = wsLcuDialler({
    clock: systemClock(),
    timers: systemTimers,
    silenceMs: 60_000,
    refused: ({ code }) => t.log(code),
    failed: (error) => t.log(error),
  });
  const common = { identity: IDENTITY, verify: nodeVerify, clock: systemClock(), timers: systemTimers, random: systemRandom };
  const lcu = { ...testLcu('active'), key: { ...testLcu('active').key!, ...LCU_KEY } };
  return new Promise<{ greeted: Greeted; channel: Channel; frames: Uint8Array[] } | ErrorCode>((resolve) => {
    const running = keepDialled(
      [{ lcuId, host: '127.0.0.1', port }],
      {
        dial,
        timers: systemTimers,
        random: systemRandom,
        accept: (channel, target) =>
          acceptLcu(
            channel,
            { ...common, fleet: { findByKid: () => lcu } },
            (greeted, of) => {
              const frames: Uint8Array[] = [];
              resolve({ greeted, channel: of, frames });
              return (frame) => void frames.push(frame);
            },
            ({ code }) => resolve(code),
            target.lcuId,
          ),
        failed: (error) => resolve(codeOf(error)),
      },
      ending.signal,
    );
    t.teardown(async () => {
      ending.abort();
      await running;
    });
  });
}

test('a collector dials an LCU, proves itself, and is answered', async (t) => {
  const { port, journal } = await listening(t);
  const outcome = await dialled(t, port);
  if (typeof outcome === 'string') return t.fail(outcome);
  const { greeted, channel, frames } = outcome;
  t.is(greeted.hello.lcuId, 'malaga-0042');
  channel.send(pollFrame(greeted.hello.lcuNonce, journal.epoch, {}, IDENTITY.pollSigner));
  while (frames.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.is(frames.length, 1);
});

test('an LCU other than the one that was meant is refused', async (t) => {
  const { port } = await listening(t);
  t.is(await dialled(t, port, 'malaga-0043'), 'lcu-mismatch');
});

test('an LCU that is not there is told as unreachable', async (t) => {
  t.is(await dialled(t, 9), 'lcu-unreachable');
});

async function opened(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('no more than two connections of one machine are kept', async (t) => {
  const { port } = await listening(t);
  const sockets = [await opened(t, port), await opened(t, port), await opened(t, port)];
  await once(sockets[2]!.resume(), 'close');
  t.deepEqual(
    sockets.map(({ closed }) => closed),
    [false, false, true],
  );
});

test('no more than eight connections are kept, from however many machines', async (t) => {
  const { port } = await listening(t);
  const of = (machine: number): Promise<Socket> => dialTcp({ port, from: `127.0.0.${machine}` });
  const kept = await Promise.all([1, 1, 2, 2, 3, 3, 4, 4].map(of));
  const ninth = await of(5);
  t.teardown(() => [...kept, ninth].forEach((socket) => socket.destroy()));
  await eventOrClose(ninth.resume(), 'end');
  t.deepEqual(
    kept.map(({ readyState }) => readyState),
    kept.map(() => 'open'),
  );
});

for (const [what, text] of [
  ['asks for a page', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['asks for another path', 'GET /v1/enrol HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['speaks no HTTP', '\u0016\u0003\u0001\r\n\r\n'],
  ['names no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['waits to be told to go on', 'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'],
  ['expects what nobody does', 'POST / HTTP/1.1\r\nHost: x\r\nExpect: light\r\nContent-Length: 5\r\n\r\n'],
  ['upgrades with no key', UPGRADE.replace(/Sec-WebSocket-Key.*\r\n/, '')],
  ['upgrades to another version', UPGRADE.replace('Version: 13', 'Version: 9')],
  ['upgrades to another protocol', UPGRADE.replace('Upgrade: websocket', 'Upgrade: h2c')],
  ['upgrades by another method', UPGRADE.replace('GET', 'POST')],
] as const) {
  test(`whoever ${what} is told nothing`, async (t) => {
    const { port } = await listening(t);
    const socket = await opened(t, port);
    const heard: Buffer[] = [];
    socket.on('data', (data: Buffer) => heard.push(data));
    socket.write(text);
    await once(socket, 'close');
    t.deepEqual(heard, []);
  });
}

test('a message that is too large ends that connection only', async (t) => {
  const { port } = await listening(t);
  const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/lcu`).on('error', () => undefined);
  await once(ws, 'open');
  ws.send(Buffer.alloc(300_000));
  const [code] = (await once(ws, 'close')) as [number];
  t.is(code, 1009);
  t.not(typeof (await dialled(t, port)), 'string');
});

test('strangers that come again and again do not fill the log', async (t) => {
  const { port, log } = await listening(t);
  for (let i = 0; i < 50; i++) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/lcu`).on('error', () => undefined);
    await once(ws, 'open');
    ws.send(i % 2 === 0 ? 'text' : Buffer.of(0));
    await once(ws, 'close');
  }
  t.deepEqual(log.codes, Array<string>(20).fill('frame-malformed'));
});

test('a hello that another machine replays is answered ten times; the collector is greeted all the same', async (t) => {
  const { port, log } = await listening(t);
  const { frame } = makeHello(IDENTITY, systemRandom, 0);
  const outcomes: string[] = [];
  const began = systemClock().now().monoMs;
  for (let i = 0; i < 40; i++) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/lcu`, { localAddress: '127.0.0.66' }).on('error', () => undefined);
    await once(ws, 'open');
    ws.send(frame);
    const outcome = Promise.race([
      once(ws, 'message').then(() => 'answered'),
      once(ws, 'close').then(([, reason]) => (reason as Buffer).toString()),
    ]);
    outcomes.push(await outcome);
    ws.terminate();
    if (ws.readyState !== WebSocket.CLOSED) await once(ws, 'close');
  }
  const answered = outcomes.filter((one) => one === 'answered').length;
  const cameBack = Math.ceil((systemClock().now().monoMs - began) / 5_000);
  t.true(answered >= 10 && answered <= 10 + cameBack, `${answered}`);
  t.is(outcomes.filter((one) => one === 'hellos-too-fast').length, 40 - answered);
  t.true(log.codes.length <= 20, 'strangers do not fill the log');
  t.not(typeof (await dialled(t, port)), 'string');
});

test('it listens at the one address that is named', async (t) => {
  const { port } = await listening(t);
  const other = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal);
  const socket = connect(port, other?.address ?? '127.0.0.2').on('error', () => undefined);
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
});

test('an address that this machine does not have is told as such', async (t) => {
  const watched = { idlePingMs: 600_000, clock: systemClock(), timers: systemTimers, warn: () => undefined };
  const listen = wsListener({ ...watched, host: '192.0.2.1', port: 0 });
  const failed = await t.throwsAsync(
    listen(() => ({ message: () => undefined, closed: () => undefined }), new AbortController().signal),
  );
  t.is(codeOf(failed), 'address-unavailable');
});
