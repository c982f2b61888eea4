#!/usr/bin/python3
"""Checks a proof of Farola by docs/evidence.md, with none of its code: verify-proof.py [--root HEX] FILE
Prints what is proven and exits 0, or 2 where what is signed disagrees, or one line `refused: ...` and exits 1.
What keeps it from judging is one line `error: ...` and a hint, and exits 64 to 77."""

import argparse, hashlib, os, sys, time

def fail(code, reason, hint):
    print(f"error: {reason}\nhint: {hint}", file=sys.stderr, flush=True)
    os._exit(code)  # Nothing is left to be printed by then, nor to be failed at again.

try:
    import cbor2
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError as missing:
    fail(69, missing, "apt-get install python3-cbor2 python3-cryptography; they are for /usr/bin/python3")

NAMES = dict(enumerate("""version lcuId collectorId nonce lcuNonce pollId deadlineMs issuedAt acks want pollHash boot
epoch now from to prev head openEpochs gaps codeHash programHash circuits health versions kid publicKey sequence rootKey
pollKeys commandKeys pins keys tokenHash agentVersion assurance evidence requestHash outcome lcuKeys rows fromMs
toMs""".split()))
FIELDS = {
    "keys": "version collectorId sequence rootKey pollKeys commandKeys pins issuedAt",
    "enrol-request": "version lcuId collectorId nonce publicKey tokenHash agentVersion assurance evidence",
    "poll": "version lcuId collectorId lcuNonce pollId nonce deadlineMs issuedAt acks want",
    "answer": "version lcuId pollId nonce pollHash boot epoch now from to prev head openEpochs gaps codeHash programHash"
    " circuits health",
    "proof": "version collectorId lcuId rootKey keys lcuKeys fromMs toMs rows issuedAt",
}

# Prime of the field, and y of the points of small order, under which one signature fits many messages.
P = 2**255 - 19
ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER_Y = {0, 1, P - 1, ORDER_8_Y, P - ORDER_8_Y}

class Refused(Exception): """The file proves nothing; the text says why."""
def need(condition, reason):
    if not condition:
        raise Refused(reason)

def sha256(data): return hashlib.sha256(data).digest()
def encode(value): return cbor2.dumps(value, canonical=True)
def is_bytes(value, length): return type(value) is bytes and len(value) == length
def seed(proof, epoch): return sha256(b"farola/epoch/1" + encode([proof["lcuId"], epoch]))
def utc(ms): return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))

def decode(data, what):
    """One CBOR item in its one deterministic form, with nothing behind it."""
    try:
        need(encode(value := cbor2.loads(data)) == data, f"{what} is not deterministic CBOR")
        return value
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError, SystemError) as error:
        raise Refused(f"{what} is not CBOR: {type(error).__name__}")

def cut(signed, kind):
    """The protected header, payload and signature of a COSE_Sign1, and the fields of the payload by their names."""
    message = decode(signed, kind)
    header, unprotected, payload, signature = message.value
    need(message.tag == 18 and unprotected == {} and is_bytes(signature, 64), f"{kind} is not a COSE_Sign1 of ours")
    fields = {NAMES[label]: value for label, value in decode(payload, f"payload of {kind}").items()}
    need(set(fields) == set(FIELDS[kind].split()) and fields["version"] == 1, f"{kind} has other fields")
    return header, payload, signature, fields

def check_signature(kind, header, payload, signature, keys):
    """The one of these keys that signed it as a message of this kind; refuses what none of them signed."""
    for key in keys:
        if encode({1: -8, 3: f"application/vnd.farola.{kind}+cbor", 4: sha256(key)[:8]}) == header:
            signed = encode(["Signature1", header, b"", payload])
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
                return key
            except InvalidSignature:
                break
    raise Refused(f"{kind} is not signed by a key that may sign it")

def opened(kind, signed, keys):
    header, payload, signature, fields = cut(signed, kind)
    return {**fields, "signer": check_signature(kind, header, payload, signature, keys)}

def check_keys(*keys):
    for key in keys:
        y = int.from_bytes(key, "little") % 2**255
        need(is_bytes(key, 32) and y < P and y not in SMALL_ORDER_Y, "a public key is not canonical or of small order")

def poll_keys_of(proof):
    """Every poll key that the root key ever named."""
    keys, last = [], -1
    for signed in proof["keys"]:
        statement = opened("keys", signed, [proof["rootKey"]])
        need(all(statement[name] == proof[name] for name in ("rootKey", "collectorId")), "keys are of another collector")
        need(statement["sequence"] > last, "keys statements are not in order")
        last = statement["sequence"]
        keys += statement["pollKeys"]
        check_keys(proof["rootKey"], *keys)
    return keys

def check_row(proof, poll_keys, heads, remarks, number, row):
    """One poll, its answer and the entries that it proves: who signed them, and which; adds to `heads` and `remarks`."""
    received, signed_poll, signed_answer, first, base, entries = row
    poll = opened("poll", signed_poll, poll_keys)
    answer = opened("answer", signed_answer, [key for key, *_ in proof["lcuKeys"]])
    times = [(since, received if to is None else to) for key, since, to, _ in proof["lcuKeys"] if key == answer["signer"]]
    in_time = any(since <= received <= to for since, to in times)
    remarks += [] if in_time else [f"remark: row {number} was received outside the time of its key, {utc(received)}"]
    same = poll["collectorId"] == proof["collectorId"] and poll["lcuId"] == answer["lcuId"] == proof["lcuId"]
    need(same, "a poll or answer names another LCU or collector")
    same = answer["nonce"] == poll["nonce"] and answer["pollId"] == poll["pollId"]
    need(same and answer["pollHash"] == sha256(signed_poll), "an answer belongs to another poll")
    epoch, start, end, prev, head = (answer[name] for name in ("epoch", "from", "to", "prev", "head"))
    need(is_bytes(epoch, 8) and all(is_bytes(item, 32) for item in (prev, head, base)), "a field has another length")
    fits = 1 <= start <= first <= end + 1 == first + len(entries)
    need(fits, f"{len(entries)} entries from {first} are not the end of {start} to {end}")
    need(first != start or base == prev, "a row does not begin where its answer does")
    told = [(epoch, start - 1, prev), (epoch, first - 1, base)]
    for n, entry in enumerate(entries, first):
        told.append((epoch, n, sha256(told[-1][2] + entry)))
    need(told[-1][2] == head, f"entries {first} to {end} do not hash to the signed head")
    need(start > 1 or prev == seed(proof, epoch), f"an answer does not begin where epoch {epoch.hex()} does")
    for gap, low, high, before, last, _ in answer["gaps"]:
        told += [(gap, low - 1, before), (gap, high, last)]
    told += (ends := previous_of(entries[0]) if first == 1 and entries else [])
    known = [(of, n, h, *heads.setdefault(of, {0: (seed(proof, of), 0)}).setdefault(n, (h, number))) for of, n, h in told]
    differs = {of: (n, row) for of, n, h, before, row in reversed(known) if before != h}
    remarks += [f"forked: row {number} disagrees with row {row} about {of.hex()}, entry {n}" for of, (n, row) in differs.items()]
    return (epoch, answer["signer"]), range(first, end + 1), [(of, n, number) for of, n, _ in ends]

def previous_of(entry):
    """The epoch before, its last number and hash, as a start entry tells them; nothing of one that cannot be read."""
    try:
        kind, _, _, _, _, (epoch, n, value), *_ = cbor2.loads(entry)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        return []
    return [(epoch, n, value)] if kind == 1 and is_bytes(epoch, 8) and type(n) is int and is_bytes(value, 32) else []

def verify(data, root=None):
    """The fields of the proof and what it shows; raises Refused. `root`: the root key that you trust, 32 bytes."""
    try:
        header, payload, signature, proof = cut(data, "proof")
        need(root is None or proof["rootKey"] == root, "the root key is another one")
        poll_keys = poll_keys_of(proof)
        check_signature("proof", header, payload, signature, poll_keys)
        heads, held, in_force, remarks, ends = {}, {}, [], [], []
        for key, since, to, request in proof["lcuKeys"]:
            check_keys(key)
            in_force.append(f"key {key.hex()} in force from {utc(since)}" + ("" if to is None else f" to {utc(to)}"))
            fields = opened("enrol-request", request, [key])
            same = fields["publicKey"] == key and all(fields[name] == proof[name] for name in ("lcuId", "collectorId"))
            need(same, "an enrol-request names another key, LCU or collector")
        received = [row[0] for row in proof["rows"]]
        need(received and received == sorted(received), "there is no row, or rows are not in order of receipt")
        for number, row in enumerate(proof["rows"], 1):
            signed_by, numbers, ends_named = check_row(proof, poll_keys, heads, remarks, number, row)
            ends += ends_named
            held.setdefault(signed_by, set()).update(numbers)
        gone = [(of, n, row) for of, n, row in ends if max(heads[of]) > n]
        remarks += [f"remark: row {row} goes on after entry {n} of {of.hex()}, of which there is more" for of, n, row in gone]
        times = [utc(ms) for ms in (proof["fromMs"], proof["toMs"], received[0], received[-1])]
        return {**proof, "held": held, "in_force": in_force, "times": times, "remarks": remarks}
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise Refused(f"a field is not of its type: {error}")

def spans(numbers):
    starts, ends = (sorted(n for n in numbers if n + step not in numbers) for step in (-1, 1))
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends))

def end(kind, error, _):
    if kind is BrokenPipeError: os._exit(141)  # Whoever reads it has gone, as where SIGPIPE ends a program.
    if issubclass(kind, OSError):
        code = 74 if error.filename is None else 77 if kind is PermissionError else 66
        fail(code, f"{error.filename or 'input or output'}: {error.strerror}", "check the path, and where the output goes")
    fail(70, repr(error), "nothing was judged, please report it")

def main():
    parser = argparse.ArgumentParser(description="Checks a proof of Farola (docs/evidence.md).")
    parser.error = lambda reason: fail(64, reason, "verify-proof.py --root HEX FILE, as docs/evidence.md says")
    parser.add_argument("--root", type=bytes.fromhex, help="root key that you trust, 64 hexadecimal digits")
    parser.add_argument("file")
    arguments = parser.parse_args()
    if arguments.root is not None and len(arguments.root) != 32:
        parser.error("argument --root: a root key has 64 hexadecimal digits")
    try:
        shown = verify(open(arguments.file, "rb").read(), arguments.root)
    except Refused as reason:
        return print(f"refused: {reason}", flush=True) or 1
    print(f"LCU {shown['lcuId']!r}, collector {shown['collectorId']!r}".replace("'", ""), *shown["in_force"], sep="\n")
    print(f"root key {shown['rootKey'].hex()}, {'as given' if arguments.root else 'NOT compared: give it with --root'}")
    print("asked {} to {}, received {} to {}".format(*shown["times"]))
    entries = {(epoch, n) for (epoch, _), numbers in shown["held"].items() for n in numbers}
    print(f"rows {len(shown['rows'])}, entries {len(entries)}, epochs {len({epoch for epoch, _ in shown['held']})}")
    for (epoch, key), numbers in shown["held"].items():
        note = "" if (epoch, 1) in entries else ", no start entry"
        print(f"epoch {epoch.hex()} by key {key.hex()[:16]}: entries {spans(numbers) or 'none'}{note}")
    print(*(f"{remark}\n" for remark in shown["remarks"]), sep="", end="", flush=True)
    return 2 * any(remark.startswith("forked") for remark in shown["remarks"])

if __name__ == "__main__":
    sys.excepthook = end
    sys.exit(main())
