import type { Timers } from '@farola/shared';
import type { ByteTransport } from '../../line/byte-transport.js';
import type { SlavePort } from './slave-port.js';

/** A serial port is looked at this often: far less than any reader waits. */
const LOOK_MS = 2;

/**
 * Listens on a serial port, whose bytes lie in the kernel until they are collected.
 * @throws what opening the transport throws
 */
export async function polledSlavePort(slaveEnd: ByteTransport, timers: Timers): Promise<SlavePort> {
  let take: (bytes: Uint8Array) => void = () => undefined;
  let isOpen = true;
  const look = (): void => {
    if (!isOpen) return;
    slaveEnd.collect?.();
    timers.after(LOOK_MS, look);
  };
  await slaveEnd.open({ onBytes: (bytes) => take(bytes), onLate: () => undefined, onLost: () => (isOpen = false) });
  const respond = (bytes: Uint8Array): void => {
    if (isOpen) slaveEnd.write(bytes);
  };
  return {
    address: slaveEnd.address,
    listen: (onBytes) => {
      take = (bytes) => onBytes(bytes, respond);
      look();
    },
    close: async () => {
      isOpen = false;
      await slaveEnd.close();
    },
  };
}
