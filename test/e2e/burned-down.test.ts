import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import Sqlite from 'better-sqlite3';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { toHex } from '@farola/shared';
import { freePort } from '#scripts/demo/set-up.js';
import { type FleetStage, openFleetStage, type StagedLcu } from './fleet-stage.js';
import { until } from './stage.js';

const PASSPHRASE = 'a lamp at every corner';

/** How many entries of a journal a collector owns, out of how many that were there when asked. */
async function storedOf({ folder }: FleetStage, lcu: StagedLcu): Promise<{ journal: Set<string>; stored: Set<string> }> {
  const db = new Sqlite(join(lcu.folder, 'state', 'journal.sqlite'), { readonly: true });
  const rows = db.prepare('SELECT epoch, n FROM entry JOIN epoch ON id = epoch_id').all() as { epoch: Uint8Array; n: number }[];
  db.close();
  const state = await openSqliteState({ path: join(folder, 'collector', 'state.db') });
  const lcuNo = state.fleet.find(lcu.lcuId)?.lcuNo ?? -1;
  state.close();
  const reader = await openSqliteLedgerReader(join(folder, 'collector', 'ledger'));
  const stored = new Set<string>();
  for (const row of reader.rows(lcuNo, 0, Date.UTC(2100, 0))) {
    for (const { epoch, from, to } of reader.ownedBy(row.key)) {
      for (let n = from; n <= to; n++) stored.add(`${toHex(epoch)}/${n}`);
    }
  }
  reader.close();
  return { journal: new Set(rows.map(({ epoch, n }) => `${toHex(epoch)}/${n}`)), stored };
}

async function listed(
  stage: FleetStage,
): Promise<{ statement: { sequence: number; missingLcuIds: string[]; aheadLcuIds: string[] } }> {
  return JSON.parse(await stage.look('keys', 'list', '--json')) as never;
}

test('the server burns down, a new one takes over from the backup, and no LCU needs a visit', async (t) => {
  t.timeout(300_000);
  const stage = await openFleetStage(t, 3);
  const running = await stage.startCollector();
  for (const lcu of stage.lcus) await stage.enrol(lcu);
  const agents = stage.lcus.map((lcu) => lcu.start());
  await until(async () => (await stage.connected()) === 3, 'all connect');
  await until(
    async () => /^(\S+ +\d+\.\d{3} % +[1-9].*\n){3}$/m.test(await stage.look('uptime')),
    'a round up of each is written',
  );
  const passphrase = join(stage.folder, 'passphrase');
  const backup = join(stage.folder, 'malaga.age');
  await writeFile(passphrase, `${PASSPHRASE}\n`);
  t.regex(await stage.collector('keys', 'backup', backup, '--passphrase-file', passphrase), /without the root key/);
  t.false((await readFile(backup)).includes('PRIVATE KEY'));

  const backedUpAt = new Date().toISOString();
  const upBefore = async (): Promise<number[]> => {
    const lines = (await stage.collector('uptime', '--from', '-1h', '--to', backedUpAt, '--json')).trim().split('\n');
    return lines.map((line) => (JSON.parse(line) as { roundsUp: number }).roundsUp);
  };

  await running.kill();
  for (const gone of ['collector', 'collector-run']) await rm(join(stage.folder, gone), { recursive: true });
  await rm(join(stage.folder, 'collector.yaml'));
  await agents[2]!.stop();
  const port = await freePort();
  const restored = await stage.collector(
    'keys',
    'restore',
    backup,
    '--passphrase-file',
    passphrase,
    '--listen',
    `127.0.0.1:${port}`,
  );
  t.regex(restored, /collector malaga is restored, with 3 LCUs/);
  const up = await upBefore();
  t.is(up.length, 3);
  t.true(
    up.every((rounds) => rounds >= 1),
    `rounds up of before the fire: ${up.join(' ')}`,
  );
  stage.network.to = port;
  await stage.startCollector();
  stage.lcus[2]!.start();
  await until(() => stage.answers(stage.lcus[0]!.lcuId), 'the first answers a poll');

  for (const lcu of stage.lcus) {
    const { journal } = await storedOf(stage, lcu);
    t.true(journal.size > 3);
    await until(async () => {
      const { stored } = await storedOf(stage, lcu);
      return [...journal].every((entry) => stored.has(entry));
    }, `what ${lcu.lcuId} held comes, acknowledged before or not`);
    const shown = JSON.parse(await stage.collector('lcu', 'show', lcu.lcuId, '--json')) as { state: string };
    t.is(shown.state, 'active');
  }
  t.is((await listed(stage)).statement.sequence, 1);
});

test('a backup older than a rotation is told, and the root key brings every LCU back', async (t) => {
  t.timeout(300_000);
  const stage = await openFleetStage(t, 1);
  const [lcu] = stage.lcus as [StagedLcu];
  let running = await stage.startCollector();
  await stage.enrol(lcu);
  lcu.start();
  await until(async () => (await stage.connected()) === 1, 'it connects');
  const root = join(stage.folder, 'root.key');
  await cp(join(stage.folder, 'collector', 'keys', 'root.key'), root);
  const passphrase = join(stage.folder, 'passphrase');
  const backup = join(stage.folder, 'malaga.age');
  await writeFile(passphrase, PASSPHRASE);
  await stage.collector('keys', 'backup', backup, '--passphrase-file', passphrase);
  await stage.collector('keys', 'rotate', 'poll', 'tls', '--root', root);
  await until(async () => {
    const { statement } = await listed(stage);
    return statement.sequence === 3 && statement.missingLcuIds.length === 0;
  }, 'the LCU goes by the new keys alone');

  await running.kill();
  for (const gone of ['collector', 'collector-run']) await rm(join(stage.folder, gone), { recursive: true });
  await rm(join(stage.folder, 'collector.yaml'));
  await stage.collector('keys', 'restore', backup, '--passphrase-file', passphrase);
  running = await stage.startCollector();
  await until(
    async () => (await listed(stage)).statement.aheadLcuIds.includes(lcu.lcuId),
    'the LCU says by which statement it goes',
  );
  t.regex(
    await stage.collectorLog(),
    /"theirs":3,"ours":1,"code":"keys-behind","hint":"[^"]*keys rotate poll command tls --at-once/,
  );
  t.regex(await stage.collector('keys', 'list'), /by one that is not known here: malaga-0001/);
  t.is((await stage.tryCollector('poll', lcu.lcuId)).exit, 69, 'it refuses keys that were replaced');

  t.regex(await stage.collector('keys', 'rotate', 'poll', 'command', 'tls', '--at-once', '--root', root), /keys statement 4/);
  await until(() => stage.answers(lcu.lcuId), 'it comes back by itself');
  t.deepEqual((await listed(stage)).statement.missingLcuIds, []);
});

test('backup and restore: each mistake is one error, and changes nothing', async (t) => {
  t.timeout(120_000);
  const stage = await openFleetStage(t, 1);
  const file = (name: string): string => join(stage.folder, name);
  await writeFile(file('short'), 'short\n');
  await writeFile(file('good'), PASSPHRASE);
  await writeFile(file('other'), 'another passphrase');
  await writeFile(file('rubbish'), 'rubbish');
  const backup = (...args: string[]): readonly string[] => ['keys', 'backup', ...args];
  await stage.collector(
    ...backup(file('backup'), '--passphrase-file', file('good'), '--with-root', file('collector/keys/root.key')),
  );
  const restore = (name: string, ...args: string[]): readonly string[] => ['keys', 'restore', file(name), ...args];
  const cases: [readonly string[], number, RegExp][] = [
    [backup(file('x')), 64, /either --passphrase-file or --recipient/],
    [backup(file('x'), '--passphrase-file', file('short')), 64, /less than 12 characters/],
    [backup(file('x'), '--passphrase-file', file('nowhere')), 66, /nowhere cannot be read/],
    [backup(file('x'), '--recipient', 'age1nobody'), 64, /is none of age/],
    [
      backup(file('x'), '--passphrase-file', file('good'), '--with-root', file('collector/keys/poll.key')),
      78,
      /not the root key/,
    ],
    [backup(file('backup'), '--passphrase-file', file('good')), 73, /is there already/],
    [restore('backup', '--passphrase-file', file('good')), 78, /collector.yaml is there already/],
    [restore('backup', '--passphrase-file', file('other')), 77, /does not open: wrong passphrase/],
    [restore('rubbish', '--passphrase-file', file('good')), 65, /is not a backup of a collector: it does not begin/],
    [restore('backup'), 64, /either --passphrase-file or --identity-file/],
    [['keys', 'rotate'], 64, /which key\? poll, command, tls/],
    [['keys', 'rotate', 'root', '--root', file('collector/keys/root.key')], 64, /no key `root`/],
    [['keys', 'rotate', 'poll'], 64, /--root FILE is needed/],
    [['keys', 'rotate', 'poll', '--root', file('collector/keys/poll.key')], 78, /not the root key/],
    [['keys', 'rotate', 'poll', '--root', file('good')], 65, /does not hold the key that is needed/],
    [['keys', 'rotate', 'poll', '--root', file('collector/keys/root.key'), '--until', '-1d'], 64, /--until -1d is over/],
    [['keys', 'rotate', '--switch'], 64, /no rotation is open/],
    [['keys', 'rotate', 'poll', '--switch'], 64, /takes no key/],
  ];
  for (const [args, exit, message] of cases) {
    const end = await stage.tryCollector(...args);
    t.is(end.exit, exit, `${args.join(' ')}: ${end.err}`);
    t.regex(end.err, message);
    t.regex(end.err, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
  await rm(file('collector.yaml'));
  const full = await stage.tryCollector(...restore('backup', '--passphrase-file', file('good')));
  t.regex(full.err, /^error: \S+collector is there and not empty; nothing was changed\nhint: [^\n]+\n$/);
  t.is(full.exit, 78);
  await rm(file('collector'), { recursive: true });
  await stage.collector(...restore('backup', '--passphrase-file', file('good')));
  await stage.collector('keys', 'rotate', 'poll', '--root', file('collector/keys/root.key'));
  const open = await stage.tryCollector('keys', 'rotate', 'tls', '--root', file('collector/keys/root.key'));
  t.regex(open.err, /^error: a rotation is open: poll\nhint: [^\n]+\n$/);
});
