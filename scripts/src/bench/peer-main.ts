import { sodiumSigner } from '@farola/collector/trust/sodium-signer.js';
import { sha256, type Signer, toHex } from '@farola/shared';
import { WebSocket } from 'ws';
import { BenchLcu } from './bench-lcu.js';
import { KeptLcu } from './kept-lcu.js';
import { benchLcuId, type PeerAddress, type PeerAnswer, type PeerRequest } from './peer-messages.js';

/** Connections that are opened at a time. */
const AT_A_TIME = 50;

const lcus: BenchLcu[] = [];
const signers: Signer[] = [];
const kept: KeptLcu[] = [];

process.on('message', (request: PeerRequest) => void perform(request).then(answer, fail));
process.on('disconnect', () => process.exit(0));

async function perform(request: PeerRequest): Promise<readonly string[]> {
  switch (request.do) {
    case 'make':
      return makeLcus(request.lcus);
    case 'connect':
      await openAll(request.from, request.until, (number) => connect(request.to, lcuFrames(number)));
      return [];
    case 'keep':
      await openAll(0, lcus.length, (number) => keep(request.to, number));
      return [];
    case 'cut':
      for (const lcu of kept) lcu.cut();
      return [];
    case 'echo': {
      const frame = Buffer.from(request.answer, 'base64');
      await openAll(0, request.connections, () => connect(request.to, () => frame));
      return [];
    }
  }
}

async function keep(to: PeerAddress, number: number): Promise<void> {
  const signer = signers[number];
  if (!signer) throw new RangeError(`there is no LCU ${number}`);
  const lcu = new KeptLcu(benchLcuId(number), signer, to);
  kept.push(lcu);
  await lcu.connected();
}

async function makeLcus(count: number): Promise<readonly string[]> {
  const publicKeys: string[] = [];
  for (let number = 0; number < count; number++) {
    const lcuId = benchLcuId(number);
    const signer = await sodiumSigner(sha256(Buffer.from(lcuId)));
    signers.push(signer);
    lcus.push(new BenchLcu(lcuId, signer));
    publicKeys.push(toHex(signer.publicKey));
  }
  return publicKeys;
}

function lcuFrames(number: number): (frame: Uint8Array) => Uint8Array {
  const lcu = lcus[number];
  if (!lcu) throw new RangeError(`there is no LCU ${number}`);
  return (frame) => lcu.receive(frame);
}

async function openAll(from: number, until: number, open: (number: number) => Promise<void>): Promise<void> {
  for (let next = from; next < until; next += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, until - next);
    await Promise.all(Array.from({ length: count }, (_, i) => open(next + i)));
  }
}

function connect({ url, tls }: PeerAddress, reply: (frame: Uint8Array) => Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { ...tls, perMessageDeflate: false, skipUTF8Validation: true });
    ws.on('message', (frame: Buffer) => {
      try {
        ws.send(reply(frame), { binary: true });
      } catch (error) {
        fail(error);
      }
    });
    ws.once('open', resolve);
    ws.on('error', reject);
    ws.once('close', (code, reason) => fail(new Error(`connection closed: ${code} ${reason.toString()}`)));
  });
}

function answer(publicKeys: readonly string[]): void {
  send({ ok: true, publicKeys });
}

function fail(error: unknown): void {
  send({ ok: false, reason: error instanceof Error ? error.message : String(error) });
}

function send(message: PeerAnswer): void {
  if (process.connected) process.send?.(message);
}
