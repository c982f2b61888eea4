import { checkAddable, type StatedRelease } from '@farola/collector/fleet/release-rules.js';
import { cutRelease, openRelease, readRelease } from '@farola/collector/trust/open-release.js';
import { codeOf, encodeMessage, fromHex, RELEASE, toHex } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { nodeVerify } from '../../fakes/test-signer.js';
import { loadCases } from '../shared/vectors/load.js';

/** The statement of a file that was taken before. */
function stated(t: ExecutionContext, file: Uint8Array): StatedRelease | undefined {
  const [release, parts] = [readRelease(file), cutRelease(file)];
  if (release.ok && parts.ok) return { release: release.value, payload: parts.value[0]!.payload };
  t.fail('a known file can be read');
  return undefined;
}

/** The code that comes out of opening a file and holding it against the one that is known; null when it is taken. */
function judge(t: ExecutionContext, one: ReturnType<typeof loadCases<'releases.json'>>[number]): string | null {
  const file = fromHex(one.file);
  const opened = openRelease(file, { keys: one.keys.map(fromHex), threshold: one.threshold }, nodeVerify);
  if (!opened.ok) return opened.code;
  const payload = encodeMessage(RELEASE, opened.value);
  t.is(toHex(payload), toHex(stated(t, file)!.payload), 'there is one form of a statement');
  try {
    checkAddable({ release: opened.value, payload }, one.known === null ? undefined : stated(t, fromHex(one.known)), one.nowMs);
  } catch (error) {
    return codeOf(error);
  }
  t.is(toHex(payload), one.statement ?? '');
  return null;
}

for (const one of loadCases('releases.json')) {
  test(`releases.json: ${one.name}: ${one.code ?? 'taken'}`, (t) => {
    t.is(judge(t, one), one.code);
  });
}

test('releases.json has a case of every code that a release file can come to', (t) => {
  const codes = new Set(loadCases('releases.json').map(({ code }) => code));
  for (const code of ['malformed', 'untrusted', 'expired', 'older', 'conflict']) t.true(codes.has(`release-${code}`), code);
  for (const code of [null, 'signature-invalid', 'payload-malformed', 'version-unknown', 'message-invalid']) {
    t.true(codes.has(code), String(code));
  }
});
