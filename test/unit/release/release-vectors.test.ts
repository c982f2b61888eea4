import { checkAddable, isRevocation, reasonOf } from '@farola/collector/fleet/release-rules.js';
import { cutRelease, openRelease, readRelease } from '@farola/collector/trust/open-release.js';
import { codeOf, encodeMessage, fromHex, RELEASE, toHex, type Verify } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { nodeVerify } from '../../fakes/test-signer.js';
import { loadCases } from '../shared/vectors/load.js';

type Case = ReturnType<typeof loadCases<'releases.json'>>[number];

/** What is known of the code by a file that was taken before, opened with the keys of the case. */
function known(t: ExecutionContext, { known: hex, keys, threshold }: Case, verify: Verify): Parameters<typeof checkAddable>[1] {
  if (hex === null) return undefined;
  const file = fromHex(hex);
  const stated = readRelease(file);
  if (!stated.ok) return void t.fail('a known file can be read');
  const { ok } = openRelease(file, { keys: keys.map(fromHex), threshold }, verify);
  const revoked = isRevocation(stated.value) ? reasonOf(stated.value) : undefined;
  return { release: ok ? stated.value : undefined, revoked };
}

/** The code that comes out of opening a file and holding it against the one that is known; null when it is taken. */
function judge(t: ExecutionContext, one: Case, verify: Verify): string | null {
  const file = fromHex(one.file);
  const opened = openRelease(file, { keys: one.keys.map(fromHex), threshold: one.threshold }, verify);
  if (!opened.ok) return opened.code;
  const payload = encodeMessage(RELEASE, opened.value);
  const parts = cutRelease(file);
  t.is(toHex(payload), parts.ok ? toHex(parts.value[0]!.payload) : '', 'there is one form of a statement');
  try {
    checkAddable(opened.value, known(t, one, verify), one.nowMs);
  } catch (error) {
    return codeOf(error);
  }
  t.is(toHex(payload), one.statement ?? '');
  return null;
}

for (const one of loadCases('releases.json')) {
  test(`releases.json: ${one.name}: ${one.code ?? 'taken'} by what agent and collector verify with`, (t) => {
    for (const verify of [nodeVerify, sodiumVerify]) t.is(judge(t, one, verify), one.code);
  });
}

test('releases.json has a case of every code that a release file can come to', (t) => {
  const codes = new Set(loadCases('releases.json').map(({ code }) => code));
  for (const code of ['malformed', 'untrusted', 'expired', 'older', 'conflict', 'revoked'])
    t.true(codes.has(`release-${code}`), code);
  for (const code of [null, 'signature-invalid', 'payload-malformed', 'version-unknown', 'message-invalid']) {
    t.true(codes.has(code), String(code));
  }
});
