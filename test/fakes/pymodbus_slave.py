"""A Modbus slave by pymodbus: RTU frames over TCP, or with "tcp" as second argument Modbus TCP, on a free port of 127.0.0.1.

Standard input: {"units": {"1": [{"addr": 0, "type": "u32", "value": 2301}, ...]}}, ended by end of file.
Standard output: the port, once it listens. Runs on pymodbus 3.0 (Debian 12) and on later ones with a moved API.
"""

import asyncio
import json
import os
import socket
import struct
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSparseDataBlock
from pymodbus.server import StartAsyncTcpServer

try:
    from pymodbus.framer import FramerType

    RTU, TCP = FramerType.RTU, FramerType.SOCKET
except ImportError:
    from pymodbus.framer.rtu_framer import ModbusRtuFramer as RTU
    from pymodbus.framer.socket_framer import ModbusSocketFramer as TCP

try:
    from pymodbus.datastore import ModbusDeviceContext as UnitContext

    UNITS = "devices"
except ImportError:
    from pymodbus.datastore import ModbusSlaveContext as UnitContext

    UNITS = "slaves"

FORMATS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "u64": ">Q", "s64": ">q", "float32": ">f", "float64": ">d"}


def words(kind, value):
    # JSON has no NaN: it comes as text.
    packed = struct.pack(FORMATS[kind], float(value) if kind.startswith("float") else value)
    return struct.unpack(">%dH" % (len(packed) // 2), packed)


def table_place_of_address_0():
    """Tables of older versions begin with 1: wire address 0 stands at place 1."""
    if not hasattr(UnitContext, "getValues"):
        return 0
    return UnitContext(ir=ModbusSparseDataBlock({0: 0, 1: 1})).getValues(4, 0, 1)[0]


def unit_context(facts):
    registers = {}
    origin = table_place_of_address_0()
    for fact in facts:
        for offset, word in enumerate(words(fact["type"], fact["value"])):
            registers[origin + fact["addr"] + offset] = word
    first, last = min(registers), max(registers)
    block = ModbusSparseDataBlock({address: registers.get(address, 0) for address in range(first, last + 1)})
    return UnitContext(ir=block, hr=block)


async def announce(port):
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.02)
    print(port, flush=True)


async def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)
    os._exit(1)


async def main():
    watching = asyncio.create_task(end_with_parent())
    units = json.load(sys.stdin)["units"]
    contexts = {int(unit): unit_context(facts) for unit, facts in units.items()}
    context = ModbusServerContext(**{UNITS: contexts}, single=False)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if port == 0:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    options = {"framer": TCP if sys.argv[2:] == ["tcp"] else RTU, "address": ("127.0.0.1", port)}
    announcing = asyncio.create_task(announce(port))
    try:
        await StartAsyncTcpServer(context, allow_reuse_address=True, **options)
    except TypeError:
        # Later versions reuse an address that a killed process left behind without being told.
        await StartAsyncTcpServer(context, **options)
    announcing.cancel()
    watching.cancel()


asyncio.run(main())
