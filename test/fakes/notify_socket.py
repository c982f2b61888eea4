"""Holds a notify socket as systemd does (sd_notify(3)): prints each message as a line of JSON, lets barriers go."""

import json
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
listener.bind(sys.argv[1])
print(json.dumps(["BOUND=1"]), flush=True)
while True:
    message, fds, _, _ = socket.recv_fds(listener, 4096, 8)
    if message != b"BARRIER=1":
        print(json.dumps(message.decode().strip().split("\n")), flush=True)
    for fd in fds:
        os.close(fd)
