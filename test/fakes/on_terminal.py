"""Runs a program on a terminal of its own; what it draws goes to standard output.

usage: on_terminal.py COLUMNS ROWS -- program args...

Each line of standard input is an order: `resize COLUMNS ROWS`, or `keys HEX` to type these bytes. At the end its exit code stands
on standard error.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[4:]
    pid, terminal = pty.fork()
    if pid == 0:
        resize(0, columns, rows)
        os.execvp(command[0], command)
    resize(terminal, columns, rows)
    orders = b""
    reading = [terminal, 0]
    while True:
        ready, _, _ = select.select(reading, [], [])
        if terminal in ready:
            try:
                drawn = os.read(terminal, 65536)
            except OSError:
                break
            if not drawn:
                break
            os.write(1, drawn)
        if 0 in ready:
            more = os.read(0, 4096)
            if not more:
                reading.remove(0)
            orders += more
            while b"\n" in orders:
                line, orders = orders.split(b"\n", 1)
                words = line.decode().split()
                if words[0] == "resize":
                    resize(terminal, int(words[1]), int(words[2]))
                    os.kill(pid, signal.SIGWINCH)
                elif words[0] == "keys":
                    os.write(terminal, bytes.fromhex(words[1]))
    _, status = os.waitpid(pid, 0)
    sys.stderr.write("exit %d\n" % (os.waitstatus_to_exitcode(status)))


main()
