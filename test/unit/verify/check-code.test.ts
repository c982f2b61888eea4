import { checkCode } from '@farola/collector/verify/check-code.js';
import { sameBytes, sha256, toHex } from '@farola/shared';
import test from 'ava';

const BAD = sha256(Buffer.from('bad'));
const revoked = (codeHash: Uint8Array) =>
  sameBytes(codeHash, BAD) ? { name: '@farola/agent 0.1.0', reason: 'a hole' } : undefined;

test('code that is revoked is refused, and the refusal says which and why', (t) => {
  const facts = { lcu: 'malaga-1', codeHash: toHex(BAD), name: '@farola/agent 0.1.0', reason: 'a hole' };
  t.deepEqual(checkCode({ lcuId: 'malaga-1', codeHash: BAD }, revoked), { ok: false, code: 'code-revoked', facts });
});

test('other code, and code that is not measured, is not refused', (t) => {
  t.is(checkCode({ lcuId: 'malaga-1', codeHash: sha256(BAD) }, revoked), undefined);
  t.is(checkCode({ lcuId: 'malaga-1', codeHash: null }, revoked), undefined);
});
