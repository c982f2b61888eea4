#!/usr/bin/python3
"""Changes every byte of a proof, one at a time, and prints the positions at which the verifier still accepts it.

usage: flip-every-byte.py SEED FILE
"""

import importlib.util
import pathlib
import random
import sys

sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("verify_proof", pathlib.Path(__file__).with_name("verify-proof.py"))
verify_proof = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify_proof)

data = pathlib.Path(sys.argv[2]).read_bytes()
chance = random.Random(int(sys.argv[1]))
verify_proof.verify(data)
accepted = []
for position in range(len(data)):
    changed = bytearray(data)
    changed[position] ^= chance.randrange(1, 256)
    try:
        verify_proof.verify(bytes(changed))
        accepted.append(position)
    except verify_proof.Refused:
        pass
print(f"{len(data)} bytes changed, accepted: {accepted}")
