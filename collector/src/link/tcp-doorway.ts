import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, refuse, type Refusal, type Timer, type Timers } from '@farola/shared';
import { Admission, type Stranger, type StrangerLimits } from './admission.js';

/** What a doorway needs. */
export interface DoorwayOptions {
  readonly limits: StrangerLimits;
  /** How long a connection may take to prove who it is, from its first packet on, ms. */
  readonly strangerMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told of each connection that is turned away, or ended since it stayed a stranger. */
  readonly refused: (refusal: Refusal, remote: string) => void;
}

interface Inside {
  readonly stranger: Stranger;
  readonly deadline: Timer;
}

/** Where the other side of a socket is, `address:port`: no two open connections to one port have the same. */
export function remoteOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? '?'}:${remotePort ?? '?'}`;
}

function destroyIt(this: Duplex): void {
  this.destroy();
}

/** A socket that fails is destroyed, by one listener however often this is called: there are thousands of sockets. */
export function destroyOnError(socket: Duplex): void {
  if (!socket.listeners('error').includes(destroyIt)) socket.on('error', destroyIt);
}

/**
 * Stands before a server: counts strangers before anything is done for them, the TLS handshake included, and ends those
 * that stay strangers, whatever stage they are at and however they trickle.
 */
export class Doorway {
  readonly #options: DoorwayOptions;
  readonly #admission: Admission;
  readonly #open = new Set<Socket>();
  readonly #strangers = new Map<string, Inside>();

  constructor(http: HttpServer, options: DoorwayOptions) {
    this.#options = options;
    this.#admission = new Admission(options.limits, options.clock);
    const begin = http.listeners('connection') as ((this: HttpServer, socket: Socket) => void)[];
    http.removeAllListeners('connection');
    http.on('connection', (socket: Socket) => {
      if (this.#letIn(socket)) for (const listener of begin) listener.call(http, socket);
      else socket.destroy();
    });
  }

  /** Every socket that is open, greeted or not. */
  get open(): ReadonlySet<Socket> {
    return this.#open;
  }

  /** The connection from there has proven who it is. */
  proven(remote: string): void {
    const inside = this.#strangers.get(remote);
    if (!inside) return;
    this.#strangers.delete(remote);
    inside.deadline.cancel();
    inside.stranger.leave();
  }

  #letIn(socket: Socket): boolean {
    if (socket.remoteAddress === undefined) return false;
    const { timers, strangerMs, refused } = this.#options;
    const remote = remoteOf(socket);
    const admitted = this.#admission.admit(socket.remoteAddress);
    if (!admitted.ok) {
      refused(admitted, remote);
      return false;
    }
    const deadline = timers.after(strangerMs, () => {
      refused(refuse('stranger-late', { deadlineMs: strangerMs }), remote);
      socket.destroy();
    });
    this.#open.add(socket);
    this.#strangers.set(remote, { stranger: admitted.value, deadline });
    destroyOnError(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.proven(remote);
    });
    return true;
  }
}
