import type { Socket } from 'node:net';
import type { ErrorCode } from '@farola/shared';
import { flood, OPCODE, wsFrame } from './hostile-client.js';

/** Makes a frame of so many zeros, masked or not as its side must. */
export type MakeFrame = (opcode: number, bytes: number, fin?: boolean) => Buffer;

/** Frames of a server. */
export const unmasked: MakeFrame = (opcode, bytes, fin = true) => wsFrame(opcode, new Uint8Array(bytes), { fin, masked: false });

/** Frames of a client. */
export const masked: MakeFrame = (opcode, bytes, fin = true) => wsFrame(opcode, new Uint8Array(bytes), { fin });

async function fragments(socket: Socket, frame: MakeFrame, bytes: number): Promise<void> {
  socket.write(frame(OPCODE.binary, bytes, false));
  await flood(socket, frame(OPCODE.continuation, bytes, false));
}

/** What a side may send without end, whoever dialled, and the code with which it is cut off. */
export const FLOODS: readonly (readonly [
  what: string,
  code: ErrorCode,
  attack: (socket: Socket, frame: MakeFrame) => Promise<unknown>,
])[] = [
  ['fragments without end', 'frame-fragmented', (socket, frame) => fragments(socket, frame, 1)],
  ['empty fragments without end', 'frame-fragmented', (socket, frame) => fragments(socket, frame, 0)],
  ['fragments that are too large together', 'frame-too-large', (socket, frame) => fragments(socket, frame, 50_000)],
  ['pings without end', 'control-flood', (socket, frame) => flood(socket, frame(OPCODE.ping, 125))],
  ['pongs without end', 'control-flood', (socket, frame) => flood(socket, frame(OPCODE.pong, 125))],
  ['bytes that are no frame', 'frame-malformed', (socket) => flood(socket, new Uint8Array(1000).fill(0xff))],
];
