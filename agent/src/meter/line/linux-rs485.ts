import { execFile } from 'node:child_process';
import { FarolaError } from '@farola/shared';

/** How the driver of a port switches the direction of an RS-485 line. */
export interface Rs485Settings {
  /** Level of RTS while sending. */
  readonly rtsOnSend: 'high' | 'low';
  /** ms between the change of RTS and the first byte. */
  readonly beforeMs: number;
  /** ms between the last byte and the change of RTS. */
  readonly afterMs: number;
}

/** Bits of `flags` in struct serial_rs485, linux/serial.h. */
const ENABLED = 1;
const RTS_ON_SEND = 2;
const RTS_AFTER_SEND = 4;
/** Words of 32 bits in struct serial_rs485: flags, the two delays, and five that are reserved. */
const STRUCT_WORDS = 8;
/** TIOCSRS485, asm-generic/ioctls.h; the same on arm, arm64 and x86. */
export const TIOCSRS485 = 0x542f;

/**
 * Node has no ioctl(2), and perl-base is on every Debian. The setting belongs to the port, not to the file descriptor, and lasts
 * when this one is closed.
 */
const SCRIPT = `
use Fcntl;
my ($path, $request, @words) = @ARGV;
sysopen(my $port, $path, O_RDWR | O_NOCTTY | O_NONBLOCK) or die "$!\\n";
my $struct = pack("L*", @words);
ioctl($port, $request, $struct) or die "$!\\n";
`;

/** The words of struct serial_rs485 for these settings. */
export function rs485Words({ rtsOnSend, beforeMs, afterMs }: Rs485Settings): number[] {
  const flags = ENABLED | (rtsOnSend === 'high' ? RTS_ON_SEND : RTS_AFTER_SEND);
  return [flags, beforeMs, afterMs, ...new Array<number>(STRUCT_WORDS - 3).fill(0)];
}

/**
 * Has the driver of a port switch the direction, as it does to the bit, where a process does to the millisecond.
 * @throws FarolaError `direction-refused` when the driver cannot
 */
export async function setRs485(path: string, settings: Rs485Settings): Promise<void> {
  const words = rs485Words(settings).map(String);
  await new Promise<void>((resolve, reject) => {
    execFile('/usr/bin/perl', ['-e', SCRIPT, path, String(TIOCSRS485), ...words], { env: {} }, (error, _, stderr) => {
      if (!error) return resolve();
      const reason = stderr.trim().split('\n').at(0) || error.message;
      reject(new FarolaError('direction-refused', { path, reason }, { cause: error }));
    });
  });
}
