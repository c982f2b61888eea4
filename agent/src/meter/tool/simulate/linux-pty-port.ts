import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { FarolaError, errnoOf, whyFailed } from '@farola/shared';
import type { SlavePort } from './slave-port.js';

const MASTER = '/dev/ptmx';
const FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/**
 * Node has no ioctl(2), and perl-base is on every Debian. It unlocks the terminal of the master that it inherits as descriptor 3
 * (TIOCSPTLCK), asks its number (TIOCGPTN) and has it change no byte (TCGETS, TCSETS; asm-generic/ioctls.h, the same on arm, arm64 and x86).
 */
const SCRIPT = `
open(my $master, '+<&=', 3) or die "$!\\n";
my $unlocked = pack('i', 0);
ioctl($master, 0x40045431, $unlocked) or die "$!\\n";
my $number = pack('I', 0);
ioctl($master, 0x80045430, $number) or die "$!\\n";
my $termios = "\\0" x 64;
ioctl($master, 0x5401, $termios) or die "$!\\n";
my (undef, undef, $control) = unpack('L3', $termios);
substr($termios, 0, 16) = pack('L4', 0, 0, $control, 0);
ioctl($master, 0x5402, $termios) or die "$!\\n";
print unpack('I', $number);
`;

/**
 * Makes a pseudo-terminal, as whose serial port a reader opens the path that is its address.
 * @throws FarolaError `line-unavailable`
 */
export function linuxPtyPort(): SlavePort {
  const master = openTerminal(MASTER);
  const asked = spawnSync('/usr/bin/perl', ['-e', SCRIPT], {
    stdio: ['ignore', 'pipe', 'pipe', master],
    env: {},
    encoding: 'utf8',
  });
  if (asked.status !== 0) {
    closeSync(master);
    throw unavailable(MASTER, asked.error?.message ?? asked.stderr.trim());
  }
  const address = `/dev/pts/${asked.stdout}`;
  // Held open, so that a reader that goes leaves a terminal for the next one.
  const slave = openTerminal(address);
  const stream = new ReadStream(master);
  let isOpen = true;
  const respond = (bytes: Uint8Array): void => {
    if (!isOpen) return;
    try {
      writeSync(master, bytes);
    } catch (error) {
      // Nobody has read for long: a meter would not know either.
      if (errnoOf(error) !== 'EAGAIN') throw error;
    }
  };
  return {
    address,
    listen: (onBytes) => {
      stream.on('data', (bytes) => onBytes(bytes, respond));
      stream.on('error', () => undefined);
    },
    close: () =>
      new Promise((resolve) => {
        isOpen = false;
        stream.once('close', () => {
          closeSync(slave);
          resolve();
        });
        stream.destroy();
      }),
  };
}

function openTerminal(path: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    throw unavailable(path, whyFailed(error, path), error);
  }
}

function unavailable(path: string, reason: string, cause?: unknown): FarolaError {
  return new FarolaError('line-unavailable', { line: 'simulated', path, reason }, { cause });
}
