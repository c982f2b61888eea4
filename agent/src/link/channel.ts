import type { Refusal } from '@farola/shared';

/** Port: one open connection to the collector. Whole messages, in order. */
export interface Channel {
  /** Sends one message; on a channel that has closed it does nothing. */
  send(bytes: Uint8Array): void;
  /** Closes with a code of RFC 6455 section 7.4 or 4000 to 4999, and a reason; twice does nothing. */
  close(code: number, reason: string): void;
}

/** What a channel tells. Nothing is told before the dial has resolved, or after `closed`. */
export interface ChannelEvents {
  message(bytes: Uint8Array): void;
  /** The channel is gone; `reason` is what the other side gave, often a code of the error table. Told once. */
  closed(code: number, reason: string): void;
}

/**
 * Port: opens a connection to the collector whose certificate is pinned.
 * @throws FarolaError `collector-unreachable`, `pin-mismatch`, `certificate-invalid`
 */
export type Dial = (connect: (channel: Channel) => ChannelEvents, signal: AbortSignal) => Promise<void>;

/**
 * Port: opens a connection to whoever is at the collector's address, for its keys statement alone, and gives what judges the
 * certificates that were shown by other pins: `pin-mismatch`, `certificate-invalid`.
 * @throws FarolaError `collector-unreachable`
 */
export type DialKeys = (
  connect: (channel: Channel) => ChannelEvents,
  signal: AbortSignal,
) => Promise<(pins: readonly Uint8Array[]) => Refusal | undefined>;

/** Takes an open connection. @param remote address of the other side, without its port */
export type Accept = (channel: Channel, remote: string) => ChannelEvents;

/**
 * Port: waits for connections of the collector at one address, until aborted.
 * @throws FarolaError `address-in-use`, `address-unavailable`, `permission-denied`
 */
export type Listen = (accept: Accept, signal: AbortSignal) => Promise<void>;

/** Close codes of ours. */
export const CLOSE = {
  /** RFC 6455: done. */
  normal: 1000,
  /** The reason is a code of the error table. */
  refused: 4000,
} as const;
