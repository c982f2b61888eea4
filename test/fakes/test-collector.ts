import type { CollectorIdentity } from '@farola/collector/link/collector-identity.js';
import type { Lcu, LcuState } from '@farola/collector/fleet/fleet.js';
import { Session } from '@farola/collector/poll/session.js';
import { KEYS, signMessage } from '@farola/shared';
import { bootOf } from '#scripts/simulated-lcu.js';
import type { MemoryChannel } from './memory-channel.js';
import { testSigner } from './test-signer.js';

const ROOT = testSigner(100);
const POLL = testSigner(101);
const COMMAND = testSigner(102);

/** A collector `malaga` with fixed keys and a keys statement under its root key. */
export function testIdentity(): CollectorIdentity {
  const pin = new Uint8Array(32).fill(7);
  const statement = signMessage(
    KEYS,
    {
      version: 1,
      collectorId: 'malaga',
      sequence: 1,
      rootKey: ROOT.publicKey,
      pollKeys: [POLL.publicKey],
      commandKeys: [COMMAND.publicKey],
      pins: [pin],
      issuedAt: 0,
    },
    ROOT,
  );
  return { collectorId: 'malaga', rootKey: ROOT.publicKey, pin, pollSigner: POLL, keys: [statement] };
}

/** An LCU of the fleet with the key of `testSigner(byte)`. */
export function testLcu(state: LcuState, byte = 2, lcuId = 'malaga-0042'): Lcu {
  const { publicKey, kid } = testSigner(byte);
  const key = { publicKey, kid, fromMs: 0, toMs: null, request: new Uint8Array(0) };
  return { lcuNo: 0, lcuId, state, assurance: 0, panel: 'alameda-7', addedAtMs: 0, key, standing: null };
}

/** A session of `malaga-0042` on a connection in memory, in this epoch. */
export function testSession(channel: MemoryChannel, epoch: Uint8Array): Session {
  const { kid, publicKey } = testSigner(2);
  const hello = {
    version: 1,
    lcuId: 'malaga-0042',
    kid,
    nonce: new Uint8Array(16),
    lcuNonce: new Uint8Array(16).fill(5),
    boot: bootOf('b0'),
    epoch,
  };
  return new Session({ lcu: testLcu('active'), publicKey, hello }, channel);
}
