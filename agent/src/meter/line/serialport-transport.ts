import { FarolaError } from '@farola/shared';
import type { ByteTransport } from './byte-transport.js';

/** How a serial line is set. */
export interface SerialSettings {
  readonly path: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
}

type SerialPort = import('serialport').SerialPort;

/** A serial line of this machine, locked for us while it is open. */
export function serialportTransport(options: SerialSettings & { line: string }): ByteTransport {
  const { line, path } = options;
  let port: SerialPort | undefined;
  return {
    address: path,
    holdsBack: false,
    tellsApart: false,
    open: async (events) => {
      // A CommonJS package as a whole: its exports one by one are Node's guess, which a bundle does not make.
      const { SerialPort } = (await import('serialport')).default;
      const { baud: baudRate, dataBits, parity, stopBits } = options;
      const opening = new SerialPort({ path, baudRate, dataBits, parity, stopBits, lock: true, autoOpen: false });
      await new Promise<void>((resolve, reject) => {
        opening.open((error) => (error ? reject(serialError(error, line, path)) : resolve()));
      });
      let lastError = 'the port was closed';
      opening.on('data', (bytes: Buffer) => events.onBytes(bytes));
      opening.on('error', (error) => (lastError = error.message));
      opening.once('close', (error: Error | null) => {
        if (port !== opening) return;
        port = undefined;
        events.onLost(error?.message ?? lastError);
      });
      port = opening;
      await new Promise<void>((resolve) => opening.flush(() => resolve()));
    },
    write: (bytes) => void port?.write(Buffer.from(bytes)),
    close: async () => {
      const closing = port;
      port = undefined;
      if (!closing?.isOpen) return;
      await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
  };
}

/**
 * What serialport's message about a failed open means. It carries no error number, only strerror(3) in its text
 * (@serialport/bindings-cpp 13.0.0, serialport_unix.cpp).
 */
export function serialError(error: Error, line: string, path: string): FarolaError {
  const reason = error.message.replace(/^Error:?\s*/, '');
  if (/permission denied/i.test(reason)) {
    const remedy = 'add the user to the group of the port: `usermod -aG dialout farola`, then start the agent again';
    return new FarolaError('permission-denied', { path, remedy }, { cause: error });
  }
  if (/cannot lock|busy|temporarily unavailable/i.test(reason)) {
    return new FarolaError('port-in-use', { path }, { cause: error });
  }
  return new FarolaError('line-unavailable', { line, path, reason }, { cause: error });
}
