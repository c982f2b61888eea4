#!/usr/bin/python3
"""Judges mutants of a proof, and prints how many were refused, which ones were accepted, and how long the slowest took, s.

usage: judge-mutants.py FILE

FILE holds them one after the other, each behind its length, four bytes, the highest first.
"""

import importlib.util
import pathlib
import sys
import time

sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("verify_proof", pathlib.Path(__file__).with_name("verify-proof.py"))
verify_proof = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify_proof)

data = pathlib.Path(sys.argv[1]).read_bytes()
refused, accepted, slowest, at = 0, [], 0.0, 0
while at < len(data):
    length = int.from_bytes(data[at : at + 4], "big")
    mutant = data[at + 4 : at + 4 + length]
    at += 4 + length
    began = time.monotonic()
    try:
        verify_proof.verify(mutant)
        accepted.append(refused + len(accepted))
    except verify_proof.Refused:
        refused += 1
    slowest = max(slowest, time.monotonic() - began)
print(f"{refused} refused, accepted: {accepted}, slowest: {slowest:.3f}")
