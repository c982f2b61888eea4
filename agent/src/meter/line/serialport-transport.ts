import { readSync } from 'node:fs';
import { FarolaError } from '@farola/shared';
import type { ByteTransport, TransportEvents } from './byte-transport.js';
import { setRs485 } from './linux-rs485.js';
import type { Rs485Settings } from './linux-rs485.js';

/** How a serial line is set. */
export interface SerialSettings {
  readonly path: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
  /** Given when the driver shall switch the direction of the line. */
  readonly rs485?: Rs485Settings | undefined;
}

/** What is read at once: more than the kernel keeps of a serial line. */
const READ_BYTES = 8_192;

/** An open port as serialport's binding for Linux gives it: `fd` is a file descriptor that never blocks. */
interface Port {
  readonly fd: number | null;
  readonly isOpen: boolean;
  write(bytes: Buffer): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A serial line of this machine, locked for us while it is open. Bytes lie in the kernel until they are collected: at 9600
 * baud they come one by one each millisecond, and being woken for each costs ten times what reading the whole answer does.
 */
export function serialportTransport(options: SerialSettings & { line: string }): ByteTransport {
  const { line, path } = options;
  const buffer = Buffer.alloc(READ_BYTES);
  let port: Port | undefined;
  let events: TransportEvents | undefined;

  function lose(reason: string): void {
    const losing = port;
    if (!losing) return;
    port = undefined;
    void closed(losing).then(() => events?.onLost(reason));
  }

  return {
    address: path,
    holdsBack: false,
    tellsApart: false,
    open: async (to) => {
      if (options.rs485) await setRs485(path, options.rs485);
      const opened = await openPort(options);
      await opened.flush();
      events = to;
      port = opened;
    },
    collect: () => {
      const read = port && readWaiting(port, buffer);
      if (read instanceof Error) lose(read.message);
      else if (read) events?.onBytes(read);
    },
    write: (bytes) => {
      port?.write(Buffer.from(bytes)).catch((error: unknown) => lose(error instanceof Error ? error.message : String(error)));
    },
    close: async () => {
      const closing = port;
      port = undefined;
      if (closing) await closed(closing);
    },
  };

  async function openPort({ baud: baudRate, dataBits, parity, stopBits }: SerialSettings): Promise<Port> {
    // A CommonJS package as a whole: its exports one by one are Node's guess, which a bundle does not make.
    const binding = (await import('@serialport/bindings-cpp')).default.autoDetect();
    try {
      const opened = await binding.open({ path, baudRate, dataBits, parity, stopBits, lock: true });
      if ('fd' in opened) return opened;
      throw new Error('serial ports are read on Linux only');
    } catch (error) {
      throw error instanceof Error ? serialError(error, line, path) : error;
    }
  }
}

/** What lies waiting; undefined when nothing does; an error when the port is gone. */
function readWaiting({ fd }: Port, buffer: Buffer): Buffer | Error | undefined {
  if (fd === null) return new Error('the port was closed');
  try {
    const length = readSync(fd, buffer, 0, buffer.length, null);
    return length > 0 ? Buffer.from(buffer.subarray(0, length)) : new Error('the port was unplugged');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR') ? undefined : error;
  }
}

async function closed(port: Port): Promise<void> {
  // A port that was pulled out says so again when it is closed.
  if (port.isOpen) await port.close().catch(() => undefined);
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
