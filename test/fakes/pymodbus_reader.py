"""Reads registers with pymodbus as a master.

Arguments: "serial" and a path, or "tcp" or "rtu-over-tcp" and a port of 127.0.0.1.
Standard input: [[function, first register, count], ...], ended by end of file. Standard output: the registers of each as JSON.
Runs on pymodbus 3.0 (Debian 12) and on later ones with a moved API.
"""

import inspect
import json
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient

try:
    from pymodbus.framer import FramerType

    RTU, TCP = FramerType.RTU, FramerType.SOCKET
except ImportError:
    from pymodbus.framer.rtu_framer import ModbusRtuFramer as RTU
    from pymodbus.framer.socket_framer import ModbusSocketFramer as TCP

kind, place = sys.argv[1:]
if kind == "serial":
    client = ModbusSerialClient(place, framer=RTU, baudrate=9600, parity="N", stopbits=1, timeout=10)
else:
    client = ModbusTcpClient("127.0.0.1", port=int(place), framer=TCP if kind == "tcp" else RTU, timeout=10)
if not client.connect():
    sys.exit(f"{place} cannot be opened")

READERS = {3: client.read_holding_registers, 4: client.read_input_registers}
UNIT = "device_id" if "device_id" in inspect.signature(client.read_input_registers).parameters else "slave"

read = []
for function, first, count in json.load(sys.stdin):
    answer = READERS[function](first, count=count, **{UNIT: 1})
    if answer.isError():
        sys.exit(f"{count} registers from {first} by function {function}: {answer}")
    read.append(answer.registers)
client.close()
print(json.dumps(read))
