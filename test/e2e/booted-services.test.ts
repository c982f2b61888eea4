import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { LCU } from '#scripts/demo/set-up.js';
import { bootMachine, type BootedMachine, HERE, whyNoBoot } from '../fakes/booted-machine.js';
import { filesIn } from '../fakes/search-secrets.js';
import { until } from './stage.js';

const OPERATIONS = fileURLToPath(new URL('../../../docs/operations.md', import.meta.url));
const KEYS = fileURLToPath(new URL('../../../docs/keys.md', import.meta.url));
const PANEL_PORT = 5020;
const CANNOT = whyNoBoot();
const testOfBoot = CANNOT === undefined ? test.serial : test.serial.skip;
const LONG = process.env['FAROLA_LONG'] === '1';
const UNITS = ['farola-agent', 'farola-collector'] as const;
const title = (sentence: string): string => (CANNOT === undefined ? sentence : `${sentence} (cannot boot here: ${CANNOT})`);

/** Lines of root in docs/operations.md by which a service is made, up to its first command; `agent` stands for both. */
function documentedLines(program: 'agent' | 'collector'): string[] {
  const [, block = ''] = /As services[\s\S]*?```console\n([\s\S]*?)```/.exec(readFileSync(OPERATIONS, 'utf8')) ?? [];
  const lines = block.split('\n').filter((line) => line.startsWith('# cp '));
  return lines.map((line) =>
    line
      .slice(2)
      .replace(/\s{2,}#.*$/, '')
      .replaceAll('agent', program),
  );
}

const agent = (words: string): string => `/usr/lib/farola-agent/bin/farola-agent ${words}`;
const COLLECTOR = '/usr/lib/farola-collector/bin/farola-collector';
const collector = (words: string): string => `runuser -u farola-collector -- ${COLLECTOR} ${words}`;

async function shown(machine: BootedMachine, unit: string, property: string): Promise<string> {
  return (await machine.run(`systemctl show --property ${property} --value ${unit}`)).trim();
}

/** A server and an LCU on one machine: the documented lines, `init`, enrolment, both services. */
async function setUp(machine: BootedMachine): Promise<void> {
  const [token] = await Promise.all([setUpServer(machine), setUpLcu(machine)]);
  await machine.run(agent('enroll -'), token);
  const { enrolment } = JSON.parse(await machine.run(agent('status --json'))) as { enrolment: { words: string[] } };
  await machine.run(collector(`lcu approve ${LCU} --words "${enrolment.words.join(' ')}"`));
  await machine.run('systemctl enable --now farola-agent');
}

/** Gives the token of the LCU. */
async function setUpServer(machine: BootedMachine): Promise<string> {
  for (const line of documentedLines('collector')) await machine.run(line);
  await machine.run(collector('init --id malaga --address wss://127.0.0.1:8443 --listen 127.0.0.1:8443 --poll-seconds 2'));
  await machine.run('systemctl enable --now farola-collector');
  return (JSON.parse(await machine.run(collector(`lcu add ${LCU} --panel alameda-7 --json`))) as { token: string }).token;
}

async function setUpLcu(machine: BootedMachine): Promise<void> {
  for (const line of documentedLines('agent')) await machine.run(line);
  const refused = await machine.try(`runuser -u farola -- ${agent('init')}`);
  if (refused.exit !== 77 || !refused.err.includes('hint: run `farola-agent init` as root')) throw new Error(refused.err);
  await machine.run(agent('init'));
  const start = `m.startSimulatedPanel({ port: ${PANEL_PORT}, seed: 7, speed: 60 })`;
  const panel = `import('${HERE}/scripts/dist/simulated-panel.js').then((m) => ${start})`;
  await machine.run(`systemd-run --unit simulated-panel node -e "${panel}"`);
  const lines = [{ id: 'line-1', transport: 'rtu-over-tcp', host: '127.0.0.1', port: PANEL_PORT }];
  const analysers = [{ id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10' }];
  await machine.run('cat > /etc/farola/agent.yaml', JSON.stringify({ lines, analysers, sampleSeconds: 1 }));
}

/** Waits until a poll is verified, and the agent's line of `systemctl status` says that it is connected. */
async function untilPolled(machine: BootedMachine): Promise<void> {
  await until(async () => (await machine.try(collector(`poll ${LCU}`))).exit === 0, 'a verified poll');
  await until(async () => (await shown(machine, 'farola-agent', 'StatusText')).startsWith(`${LCU}: connected; `), 'its line');
}

const secondsSince = (ms: number): string => ((performance.now() - ms) / 1_000).toFixed(1);

/** A unit that was stopped ended in order, by itself. */
async function endsInOrder(machine: BootedMachine, unit: string): Promise<readonly string[]> {
  await machine.run(`systemctl stop ${unit}`);
  return Promise.all(['ActiveState', 'Result', 'ExecMainStatus'].map((property) => shown(machine, unit, property)));
}

const warnings = (machine: BootedMachine, unit: string): Promise<string> =>
  machine.run(`journalctl -u ${unit} -p warning -o cat --no-pager --quiet`);

testOfBoot(
  title('services that systemd boots by docs/operations.md are enrolled and polled, and end in order without a warning'),
  async (t) => {
    t.timeout(180_000);
    const machine = await bootMachine(t);
    await setUp(machine);
    await untilPolled(machine);
    for (const unit of UNITS) t.is(await shown(machine, unit, 'ActiveState'), 'active');
    const { lcus } = JSON.parse(await machine.run(collector('status --json'))) as { lcus: { verdict: { code: string } }[] };
    t.deepEqual(
      lcus.map(({ verdict }) => verdict.code),
      ['ok'],
    );
    for (const unit of UNITS) {
      t.deepEqual(await endsInOrder(machine, unit), ['inactive', 'success', '0'], unit);
      t.is(await warnings(machine, unit), '', unit);
      t.regex(await machine.run(`journalctl -u ${unit} -p info -o cat --no-pager`), /"level":"info"/);
    }
  },
);

/** What a bundle tells that the user of the service wrote; none of its parts is missing. */
async function bundleOf(machine: BootedMachine, user: string, program: string): Promise<Readonly<Record<string, unknown>>> {
  const path = `/var/lib/${user}/bundle.tar`;
  const words = `/usr/lib/farola-${program}/bin/farola-${program} support-bundle ${path}`;
  const out = await machine.run(`runuser -u ${user} -- ${words}`);
  if (out.includes('missing')) throw new Error(out);
  return filesIn(Buffer.from(await machine.run(`base64 ${path} && rm ${path}`), 'base64'));
}

async function comeBackAndMove(t: ExecutionContext): Promise<void> {
  t.timeout(400_000);
  const machine = await bootMachine(t);
  await machine.run('mkdir -p /run/systemd/system/farola-agent.service.d');
  await machine.run('cat > /run/systemd/system/farola-agent.service.d/tasks.conf', '[Service]\nTasksMax=60\n');
  await setUp(machine);
  const started = performance.now();
  await untilPolled(machine);
  t.log(`polled, and told as connected, ${secondsSince(started)} s after the agent was ready`);
  for (const unit of UNITS) {
    const killed = performance.now();
    await machine.run(`systemctl kill --kill-whom main --signal KILL ${unit}`);
    await until(async () => {
      const told = await machine.run(`systemctl show --property NRestarts,ActiveState ${unit}`);
      return told.includes('NRestarts=1') && told.includes('ActiveState=active');
    }, `${unit} after SIGKILL`);
    t.log(`${unit}: ready again ${secondsSince(killed)} s after SIGKILL`);
    t.regex(await warnings(machine, unit), /code=killed, status=9\/KILL/);
  }
  await untilPolled(machine);

  const ofAgent = await bundleOf(machine, 'farola', 'agent');
  t.like(ofAgent['unit.json'], { NRestarts: '1', ActiveState: 'active' });
  t.regex((ofAgent['unit.json'] as { DropInPaths: string }).DropInPaths, /tasks\.conf/);
  t.regex(JSON.stringify(ofAgent['log.json']), /"code":"collector-unreachable"[^}]*"reason":"[A-Z]/);
  const ofCollector = await bundleOf(machine, 'farola-collector', 'collector');
  t.like(ofCollector['running.json'], { connected: 1 });
  t.true((ofCollector['log.json'] as { records: unknown[] }).records.length > 2);

  await machine.run('install -d -o farola-collector /backup && cat > /backup/passphrase', 'a lamp at every corner\n');
  await machine.run(collector('keys backup /backup/malaga.age --passphrase-file /backup/passphrase'));
  t.deepEqual(await endsInOrder(machine, 'farola-collector'), ['inactive', 'success', '0']);
  await machine.run('cp /var/lib/farola-collector/ledger/*.db /backup/');
  await machine.run('rm -r /etc/farola-collector /var/lib/farola-collector /run/farola-collector');
  await machine.run('systemd-tmpfiles --create farola-collector.conf');
  await machine.run(`${COLLECTOR} keys restore /backup/malaga.age --passphrase-file /backup/passphrase`);
  const [install = ''] = /^install .*$/m.exec(readFileSync(KEYS, 'utf8')) ?? [];
  await machine.run(install.replace('2026-*', '*'));
  await machine.run('systemctl start farola-collector');
  await untilPolled(machine);
  t.regex(await machine.run(collector('ledger verify')), /[1-9]\d* answers/);
  t.is(await machine.run('find /var/lib/farola-collector ! -user farola-collector'), '');

  await machine.run('systemctl stop farola-collector && rm -r /etc/farola-collector /var/lib/farola-collector');
  await machine.run(`${COLLECTOR} init --id other --address wss://127.0.0.1:8443`);
  await machine.run('systemctl start farola-collector');
  t.is(await shown(machine, 'farola-collector', 'ActiveState'), 'active', 'what root made, without the folders of tmpfiles');
  for (const unit of UNITS) {
    const stopped = performance.now();
    t.deepEqual(await endsInOrder(machine, unit), ['inactive', 'success', '0'], unit);
    t.log(`${unit}: stopped in ${secondsSince(stopped)} s`);
  }
}

if (LONG)
  testOfBoot(
    title('services come back from SIGKILL, tell in a bundle what happened, and a new server takes over'),
    comeBackAndMove,
  );
