import type { LineConfig } from '../../config/config-schema.js';
import type { ByteTransport } from './byte-transport.js';
import { mbapTransport } from './mbap-transport.js';
import type { MeterDeps } from '../meter.js';
import { loadModbusSerial } from './modbus-serial-client.js';
import { draw, fineMs } from './node-fine-clock.js';
import { serialportTransport } from './serialport-transport.js';
import { tcpTransport } from './tcp-transport.js';

/** The adapters that a real meter uses: serialport, TCP, modbus-serial, and a monotonic clock finer than a millisecond. */
export async function lineAdapters(): Promise<Pick<MeterDeps, 'transportOf' | 'clientOf' | 'nowMs' | 'random'>> {
  return { transportOf: (line) => transportOf(line), clientOf: await loadModbusSerial(), nowMs: fineMs, random: draw };
}

/**
 * The real transport of a line.
 * @param over put onto what carries its bytes, below any framing; the bytes may be lent
 */
export function transportOf(line: LineConfig, over = (bytes: ByteTransport): ByteTransport => bytes): ByteTransport {
  const { id } = line;
  if (line.transport === 'rtu-over-tcp') return over(tcpTransport({ line: id, host: line.host, port: line.port, lends: false }));
  if (line.transport === 'modbus-tcp')
    return mbapTransport(over(tcpTransport({ line: id, host: line.host, port: line.port, lends: true })), line);
  const { path, baud, parity, dataBits, stopBits, rs485 } = line;
  return over(serialportTransport({ line: id, path, baud, parity, dataBits, stopBits, rs485 }));
}
