import type { Channel } from '@farola/agent/link/channel.js';
import { Connection } from '@farola/agent/link/connection.js';
import type { Journal } from '@farola/agent/journal/journal.js';
import type { Random, Signer, Timers } from '@farola/shared';
import type { CollectorRig } from './collector-rig.js';
import { connectionDeps, RecordedLog } from './link-bench.js';
import { MemoryChannel } from './memory-channel.js';
import { asyncSigner } from './test-signer.js';

/** What a network does to one message: the delays of its copies, ms; none when it is dropped. */
export type Network = (toCollector: boolean) => readonly number[];

/** Carries every message at once. */
export const perfect: Network = () => [0];

/** How often a bad network does something to a message, 0 to 1. */
export interface BadNetwork {
  readonly drop: number;
  readonly duplicate: number;
  /** Messages that come up to `delayMs` late, and so after later ones. */
  readonly delay: number;
  readonly delayMs: number;
}

/** A network that drops, duplicates, delays and reorders messages. */
export function badNetwork(random: Random, { drop, duplicate, delay, delayMs }: BadNetwork): Network {
  const fraction = (): number => Buffer.from(random.bytes(4)).readUInt32LE() / 2 ** 32;
  const late = (): number => (fraction() < delay ? Math.round(fraction() * delayMs) : 0);
  return () => {
    if (fraction() < drop) return [];
    return fraction() < duplicate ? [late(), late()] : [late()];
  };
}

/** A connection of a real agent's link to the collector of a rig, message by message over a network. */
export interface MessageLink {
  readonly log: RecordedLog;
  /** Whether either side has closed it. */
  isClosed(): boolean;
  /** The network loses it: each side is told, and what is on its way is lost. */
  cut(): void;
}

/** What a link needs. */
export interface MessageLinkOptions {
  readonly rig: CollectorRig;
  readonly journal: Journal;
  readonly lcuId: string;
  readonly signer: Signer;
  readonly timers: Timers;
  readonly network: Network;
  /** Told of every message that the agent sends, in order. */
  readonly onSent?: (message: Uint8Array) => void;
  /** What somebody in between sends to the collector before a message of the agent. */
  readonly insert?: (message: Uint8Array) => readonly Uint8Array[];
}

/** Connects the agent's journal to the collector. */
export function connectMessages(options: MessageLinkOptions): MessageLink {
  const { rig, journal, lcuId, signer, timers, network } = options;
  const log = new RecordedLog();
  const channel = new MemoryChannel();
  let closed = false;
  const cut = (): void => {
    if (closed) return;
    closed = true;
    channel.close('network');
  };
  const carry = (toCollector: boolean, message: Uint8Array, deliver: (message: Uint8Array) => void): void => {
    for (const delayMs of network(toCollector)) timers.after(delayMs, () => (closed ? undefined : deliver(message)));
  };
  const agentSide: Channel = {
    send(message) {
      options.onSent?.(message);
      for (const inserted of options.insert?.(message) ?? []) carry(true, inserted, (bytes) => channel.deliver(bytes));
      carry(true, message, (bytes) => channel.deliver(bytes));
    },
    close: cut,
  };
  const identity = { lcuId, signer: asyncSigner(signer), pollKeys: () => [rig.identity.pollSigner.publicKey] };
  const deps = { ...connectionDeps(journal, log, rig.time), ...identity };
  const connection = new Connection(agentSide, deps, { greeted: () => undefined, answered: () => undefined });
  channel.onSent = (message) => carry(false, message, (bytes) => void connection.receive(bytes));
  channel.onClose(() => (closed = true));
  rig.accept(channel, lcuId);
  return { log, isClosed: () => closed, cut };
}
