import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addRelease, listReleases } from '@farola/collector/cli/release.js';
import { revokeRelease, type RevokeOptions } from '@farola/collector/cli/release-revoke.js';
import { signRelease } from '@farola/collector/cli/release-sign.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { newSigningKeyPem } from '@farola/collector/trust/fs-key-file.js';
import { readRelease } from '@farola/collector/trust/open-release.js';
import { codeOf, type ErrorCode, FarolaError, type Release, RELEASE_STATE, toHex } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { contact } from '../../fakes/status-facts.js';
import { CODE, RELEASE_KEYS, releaseFile } from '../../fakes/test-release.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const [A, B] = RELEASE_KEYS;
const EXPIRES_AT_MS = Date.UTC(2900, 0, 1);
const REVOKED = RELEASE_STATE.revoked;
const NO_CHANGE = { contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: null };

interface Listed {
  readonly version: string | null;
  readonly sequence: number | null;
  readonly expiresAt: string | null;
  readonly mark: string;
  readonly reason?: string;
}

/** The commands on a store of their own, whose configuration trusts key A alone until it is told otherwise. */
function openCommands(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const [config, key] = [join(folder, 'collector.yaml'), join(folder, 'a.key')];
  let files = 0;
  writeFileSync(key, newSigningKeyPem(), { mode: 0o600 });
  const options = (lines: string[]) => ({ config, out: (line: string) => void lines.push(line) });
  const trust = (keys: readonly (typeof A)[], threshold = 1): void => {
    const releases = { keys: keys.map(({ publicKey }) => toHex(publicKey)), threshold };
    const text = { collectorId: 'malaga', publicAddress: 'wss://collector.example:8443', stateDir: join(folder, 'state') };
    writeFileSync(config, JSON.stringify({ ...text, releases }));
  };
  trust([A]);
  mkdirSync(join(folder, 'state', 'keys'), { recursive: true });
  return {
    trust,
    /** Adds what these keys sign; gives the code of its refusal, or what was printed. */
    async add(change: Partial<Release>, signers: (typeof A)[] = [A]): Promise<ErrorCode | readonly string[]> {
      const [file, lines]: [string, string[]] = [join(folder, 'a.farola-release'), []];
      writeFileSync(file, releaseFile({ expiresAt: EXPIRES_AT_MS, ...change }, signers));
      const error = await addRelease(file, options(lines)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return error === undefined ? lines : codeOf(error);
    },
    /** Puts into the store what a collector without these bounds would have taken. */
    async keep(change: Partial<Release>): Promise<void> {
      const state = await openSqliteState({ path: join(folder, 'state', 'state.db') });
      state.releases.put(CODE, releaseFile(change), 0);
      state.close();
    },
    async revoke(name: string, reason: string, asked: Partial<RevokeOptions> = { yes: true }): Promise<string> {
      const lines: string[] = [];
      const error: unknown = await revokeRelease(name, { ...options(lines), reason, ...asked }).catch(
        (thrown: unknown) => thrown,
      );
      return error instanceof FarolaError ? `${error.code}: ${error.message}` : lines.join('\n');
    },
    /** Puts an LCU into the store whose last verified answer told this code. */
    async runs(lcuId: string, codeHash: Uint8Array): Promise<void> {
      const state = await openSqliteState({ path: join(folder, 'state', 'state.db') });
      const { lcuNo } = state.fleet.invite(lcuId, 'alameda-7', { tokenHash: new Uint8Array(32), expiresAtMs: 1 }, 0);
      state.derived.apply({ ...NO_CHANGE, contacts: [contact({ lcuNo, codeHash })] });
      state.close();
    },
    /** Signs a statement anew by key A; gives the code of its refusal, or what it says. */
    async sign(change: Partial<Release>, told: { sequence: string; expires?: string; revoked?: boolean }) {
      const [source, output] = ['s', 'o'].map((name) => join(folder, `${name}${++files}`)) as [string, string];
      writeFileSync(source, releaseFile({ expiresAt: EXPIRES_AT_MS, ...change }));
      const error = await signRelease(source, { ...options([]), key, output, ...told }).catch((thrown: unknown) => thrown);
      if (error !== undefined) return codeOf(error);
      const read = readRelease(new Uint8Array(readFileSync(output)));
      return read.ok ? read.value : read.code;
    },
    async list(): Promise<readonly Listed[]> {
      const lines: string[] = [];
      await listReleases({ ...options(lines), json: true });
      await listReleases(options([]));
      return lines.map((line) => JSON.parse(line) as Listed);
    },
  };
}

test('F66: a revocation by release keys stays when its key is rotated out, and when more signatures are asked for', async (t) => {
  const commands = openCommands(t);
  await commands.add({ sequence: 1 });
  await commands.add({ sequence: 2, releaseState: REVOKED });
  t.like((await commands.list())[0], { mark: 'revoked' });
  commands.trust([B]);
  t.like((await commands.list())[0], { mark: 'revoked' });
  commands.trust([A, B], 2);
  t.like((await commands.list())[0], { mark: 'revoked' });
});

test('a higher number does not take a revocation back, of the same keys or of others', async (t) => {
  const commands = openCommands(t);
  await commands.add({ releaseState: REVOKED });
  t.is(await commands.add({ sequence: 2 }), 'release-revoked');
  commands.trust([B]);
  t.is(await commands.add({ sequence: 9 }, [B]), 'release-revoked');
  t.like((await commands.list())[0], { mark: 'revoked' });
});

test('who revokes is told how many LCUs run it, and types its name or says --yes', async (t) => {
  const commands = openCommands(t);
  await commands.add({});
  await commands.runs('malaga-0042', CODE);
  t.regex(await commands.revoke('0.1.0', 'a hole', {}), /^usage: nothing was changed: 1 LCU runs it; .* for ever, .*; say --yes/);
  const asked: string[] = [];
  const typing = (typed: string) => ({ ask: (question: string) => Promise.resolve((asked.push(question), typed)) });
  t.is(await commands.revoke('0.1.0', 'a hole', typing('yes')), 'usage: nothing was changed: that was not 0.1.0');
  t.like((await commands.list())[0], { mark: 'approved' });
  t.regex(await commands.revoke('0.1.0', 'a hole', typing('0.1.0')), /is revoked; .*\n1 LCU runs it/);
  t.regex(asked[0] ?? '', /1 LCU runs it; .*for ever.*\.\nType 0\.1\.0 to revoke it: $/s);
  t.like((await commands.list())[0], { mark: 'revoked' });
});

test('a version is revoked by its name, also when its release is trusted no more', async (t) => {
  const commands = openCommands(t);
  await commands.add({});
  commands.trust([B]);
  await commands.revoke('0.1.0', 'a hole');
  t.like((await commands.list())[0], { version: '0.1.0', mark: 'revoked', reason: 'a hole' });
});

test('F66: the highest number of all is no trap: other keys begin anew, and a revocation needs no higher one', async (t) => {
  const commands = openCommands(t);
  await commands.add({ sequence: Number.MAX_SAFE_INTEGER });
  t.is(await commands.add({ sequence: 1 }), 'release-older');
  commands.trust([B]);
  t.like((await commands.list())[0], { mark: 'unknown' });
  await commands.add({ sequence: 1 }, [B]);
  t.like((await commands.list())[0], { mark: 'approved', sequence: 1 });
  commands.trust([A, B]);
  await commands.add({ sequence: Number.MAX_SAFE_INTEGER });
  await commands.add({ sequence: 2, releaseState: REVOKED });
  t.like((await commands.list())[0], { mark: 'revoked', reason: 'by its release keys, statement 2' });
});

test('a release that expires in the last second of year 9999 is listed, one that does later is refused', async (t) => {
  const commands = openCommands(t);
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  for (const expiresAt of [last + 1, 2 ** 48, 8.64e15 + 1, Number.MAX_SAFE_INTEGER]) {
    t.is(await commands.add({ expiresAt }), 'message-invalid', String(expiresAt));
  }
  t.deepEqual(await commands.list(), []);
  t.deepEqual(await commands.add({ expiresAt: last }), [
    `@farola/agent 0.1.0, code ${toHex(CODE)}: approved until 9999-12-31T23:59:59Z`,
  ]);
  t.like((await commands.list())[0], { mark: 'approved', expiresAt: '9999-12-31T23:59:59.999Z' });
});

test('a file with an expiry beyond the calendar that is in the store already approves nothing, and stops no command', async (t) => {
  const commands = openCommands(t);
  await commands.keep({ expiresAt: Number.MAX_SAFE_INTEGER });
  t.like((await commands.list())[0], { mark: 'unknown', reason: 'its release is not trusted: message-invalid' });
  await commands.add({});
  t.like((await commands.list())[0], { mark: 'approved' });
});

test('every number that a statement may have can be signed, and no other', async (t) => {
  const commands = openCommands(t);
  for (const sequence of ['1', '1000000000', '9007199254740991'])
    t.like(await commands.sign({}, { sequence }), { sequence: Number(sequence) });
  for (const sequence of ['', '0', '-1', '01', '1.5', '1e3', '9007199254740992', '99999999999999999']) {
    t.is(await commands.sign({}, { sequence }), 'usage', sequence);
  }
});

test('an expiry is signed up to the end of year 9999', async (t) => {
  const commands = openCommands(t);
  const expires = '9999-12-31T23:59:59.999Z';
  t.like(await commands.sign({}, { sequence: '2', expires }), { expiresAt: Date.parse(expires) });
  t.is(await commands.sign({}, { sequence: '2', expires: '9999-12-31T23:59:59-12:00' }), 'usage');
});

test('what revokes can be signed anew as a revocation only', async (t) => {
  const commands = openCommands(t);
  t.is(await commands.sign({ releaseState: REVOKED }, { sequence: '2' }), 'release-revoked');
  t.like(await commands.sign({ releaseState: REVOKED }, { sequence: '2', revoked: true }), {
    sequence: 2,
    releaseState: REVOKED,
  });
});

test('a release key that is not there, and a file that is, are refused with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const [key, output] = [join(folder, 'a.key'), join(folder, 'there')];
  const options = { key, output, sequence: '2', out: () => undefined };
  const missing = await t.throwsAsync<FarolaError>(signRelease(join(folder, 'none'), options));
  t.deepEqual([missing.code, missing.hint], ['key-file-missing', `\`farola-collector release key ${key}\` makes one`]);
  writeFileSync(key, newSigningKeyPem(), { mode: 0o600 });
  const source = await t.throwsAsync<FarolaError>(signRelease(join(folder, 'none'), options));
  t.is(source.message, `${join(folder, 'none')} cannot be read: there is no such file`);
  t.is(source.exit, 66);
  writeFileSync(output, releaseFile({ expiresAt: EXPIRES_AT_MS }, [A]));
  const exists = await t.throwsAsync<FarolaError>(signRelease(output, options));
  t.deepEqual([exists.code, exists.exit], ['output-exists', 73]);
  const inFolder = await t.throwsAsync<FarolaError>(signRelease(output, { ...options, output: folder }));
  t.deepEqual([inFolder.code, inFolder.exit], ['path-unusable', 64]);
  t.regex(inFolder.message, /it is a folder/);
  const nowhere = await t.throwsAsync<FarolaError>(signRelease(output, { ...options, output: join(folder, 'none', 'file') }));
  t.regex(nowhere.message, /its folder is not there$/);
});
