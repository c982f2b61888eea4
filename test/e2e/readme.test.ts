import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { LCU } from '#scripts/demo/set-up.js';
import {
  HERE,
  type PlainMachine,
  plainMachine,
  type Ran,
  type Running,
  type User,
  whyNoPlainMachine,
} from '../fakes/plain-machine.js';
import { readmeSession, sessionHeadings, type TypedLine } from '../fakes/readme-session.js';
import { testUnless } from '../fakes/test-unless.js';
import { python } from '../verifier/run-verifier.js';
import { until } from './stage.js';

const [TECHNICIAN, OPERATOR] = ["A technician's session", "An operator's session"] as const;
const PANEL_PORT = 5020;
/** What the README tells the technician to do in the file that `init` wrote. */
const ANALYSERS = {
  lines: [{ id: 'line-1', transport: 'rtu-over-tcp', host: '127.0.0.1', port: PANEL_PORT }],
  analysers: [{ id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10', serialNumber: '0410077' }],
  sampleSeconds: 1,
};
const WORD = '[a-z]+';

/** What must hold of what a line prints; `soon`: at once, or after some tries, as the README says or as samples and rounds come. */
interface Expected {
  readonly says: RegExp;
  readonly soon?: true;
}

/** Of each line of the README what it must print, by how it begins. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  'farola-agent init': { says: /^\/etc\/farola\/agent\.yaml: written as an example[^\n]*\n\/var\/lib\/farola: ready\n/ },
  'farola-agent config check': { says: /^\/etc\/farola\/agent\.yaml: good: 1 analyser on 1 line, / },
  'farola-agent meter scan': {
    says: /^unit 1 at rtu-over-tcp 127\.0\.0\.1:5020: .*circutor-cvm-c10.*\n(.*\n)*# 2 units; to be put into the configuration/,
  },
  'farola-agent meter plan': { says: /^mains \(circutor-cvm-c10 on line-1\), each 1 s/ },
  'farola-agent meter read': { says: /^mains \(circutor-cvm-c10, unit 1 on line-1\): complete.*\n {2}voltageL1 +\d+\.\d+ V/s },
  'farola-agent enroll -': { says: /\n +1 {2}[A-Z]+\n(.*\n)* +6 {2}[A-Z]+\n/ },
  'farola-agent status': { says: /link: +connected since .*\ncode: +[0-9a-f]{64} of \/usr\/lib\/farola-agent\n/s, soon: true },
  'farola-agent hash': { says: /^code +[0-9a-f]{64} {2}@farola\/agent .*\nplatform +[0-9a-f]{64} {2}\d+ files\n$/ },
  'farola-agent support-bundle': { says: /^lcu\.tar: \d+ parts, \d+ bytes, without keys and tokens\n/ },
  'farola-collector init': {
    says: /^collector malaga is ready\n {2}configuration {2}\/etc\/farola-collector\/collector\.yaml\n/,
  },
  'farola-collector lcu add': { says: /^FAROLA|^[A-Za-z0-9._-]{60,}\n/ },
  'farola-collector lcu show': { says: new RegExp(`\\nstate +pending\\n(.*\\n)*words +(${WORD} ){5}${WORD}\\n`) },
  'farola-collector lcu approve': { says: /^malaga-0042 is active; it connects within a minute\.\n$/ },
  'farola-collector poll': { says: /^malaga-0042: ok, \d+ new entr(y|ies), \d+ waiting\n$/, soon: true },
  'farola-collector readings malaga-0042 --interval day': {
    says: /alameda-7\/mains +\S+T00:00\+0[01]:00 +\S+T00:00\+0[01]:00 +activeEnergyImportTotal +\d+ +Wh /,
    soon: true,
  },
  'farola-collector readings malaga-0042': {
    says: /^point +taken +age .*\nalameda-7\/mains +.*voltageL1 +\d+\.\d+ +V/s,
    soon: true,
  },
  'farola-collector readings --point': {
    says: /^lcuId,point,takenAt,.*\nmalaga-0042,alameda-7\/mains,.*,activePowerTotal,\d+/,
    soon: true,
  },
  'farola-collector status': {
    says: /collector malaga runs, 1 LCU connected\n1 active: .*\nmalaga-0042 +alameda-7 +active +ok /s,
  },
  'farola-collector uptime --days': { says: /^LCU +up +rounds up .*\nmalaga-0042 +\d+\.\d{3} % +[1-9]/, soon: true },
  'farola-collector uptime malaga-0042': { says: /^LCU +up +rounds up .*\nmalaga-0042 +\d+\.\d{3} % +[1-9]/, soon: true },
  'farola-collector panel set': { says: /^alameda-7 is in Atlantic\/Canary\.\n$/ },
  'farola-collector lcu quarantine': { says: /^malaga-0042 is quarantined\.\n$/ },
  'farola-collector lcu release': { says: /^malaga-0042 is active\.\nRestart its agent, / },
  'farola-collector events': { says: /malaga-0042 .* stop /, soon: true },
  'farola-collector ledger verify': { says: /^\d+ answers with \d+ entries of 1 file proven in .*\nall of it agrees\n/ },
  'farola-collector ledger export': {
    says: /^malaga\.farola-proof: \d+ answers of malaga-0042, \d+ bytes, root key [0-9a-f]{64}\n/,
  },
  'farola-collector support-bundle': { says: /^malaga\.tar: \d+ parts, \d+ bytes, without keys and tokens\n/ },
};
/** What runs on until it is ended. */
const RUNS_ON = ['farola-agent run', 'farola-collector run', 'farola-collector watch'];

const beginOf = (line: string, begins: readonly string[]): string | undefined => begins.find((begin) => line.startsWith(begin));

/** Both people at their machines, which are one here; what was typed is noted. */
class Session {
  readonly used = new Set<string>();
  readonly #t: ExecutionContext;
  readonly #machine: PlainMachine;

  constructor(t: ExecutionContext, machine: PlainMachine) {
    this.#t = t;
    this.#machine = machine;
  }

  /** Types a line, and sees that it prints what it must. @param line as it is typed, where the README leaves a word open */
  async type({ prompt, line: documented }: TypedLine, input?: string, line = documented): Promise<string> {
    const begin = beginOf(documented, Object.keys(EXPECTED));
    if (begin === undefined) throw new RangeError(`nothing is known of what this README line prints: ${documented}`);
    this.used.add(begin);
    const { says, soon } = EXPECTED[begin] as Expected;
    let ran: Ran = { exit: null, out: '', err: '' };
    const isGood = async (): Promise<boolean> => {
      ran = await this.#machine.run(userOf(documented, prompt), line, input);
      return ran.exit === 0 && says.test(ran.out);
    };
    if (soon) await until(isGood, documented).catch(() => undefined);
    else await isGood();
    this.#t.deepEqual([ran.exit, says.test(ran.out)], [0, true], `${line}\n${ran.out}${ran.err}\nmust be ${String(says)}`);
    return ran.out;
  }

  /** Starts what runs on. */
  start({ prompt, line }: TypedLine): Running {
    this.used.add(line);
    return this.#machine.start(userOf(line, prompt), line);
  }
}

function userOf(line: string, prompt: TypedLine['prompt']): User {
  if (prompt === '#') return 'root';
  return line.startsWith('farola-agent') ? 'farola' : 'farola-collector';
}

/** Takes the lines of a session one by one, in their order. */
function linesOf(heading: string) {
  const lines = [...readmeSession(heading)];
  return {
    /** The next line, which begins so. */
    next(begin: string): TypedLine {
      const [line] = lines.splice(0, 1);
      if (line?.line.startsWith(begin)) return line;
      throw new RangeError(`the README goes on with ${line?.line ?? 'nothing'} and not with ${begin}`);
    },
    rest: () => lines.splice(0),
  };
}

async function startPanel(machine: PlainMachine): Promise<void> {
  const start = `m.startSimulatedPanel({ port: ${PANEL_PORT}, seed: 7, speed: 60 })`;
  machine.start('root', `node -e "import('${HERE}/scripts/dist/simulated-panel.js').then((m) => ${start})"`);
}

async function asRoot(machine: PlainMachine, line: string, input = ''): Promise<string> {
  const { exit, out, err } = await machine.run('root', line, input);
  if (exit !== 0) throw new Error(`${line}: ${err}`);
  return out;
}

test('the README has two sessions, of a technician and of an operator', (t) => {
  t.deepEqual(sessionHeadings(), [TECHNICIAN, OPERATOR]);
});

testUnless(whyNoPlainMachine())(
  'a technician and an operator type the lines of the README, from nothing to a proof that Python accepts',
  async (t) => {
    t.timeout(400_000);
    const machine = await plainMachine(t);
    await startPanel(machine);
    const session = new Session(t, machine);
    const [technician, operator] = [linesOf(TECHNICIAN), linesOf(OPERATOR)];

    await session.type(operator.next('farola-collector init'));
    // Rounds of two seconds: nobody waits five minutes for one here.
    await asRoot(machine, "sed -i 's/^pollSeconds: 300$/pollSeconds: 2/' /etc/farola-collector/collector.yaml");
    const collector = session.start(operator.next('farola-collector run'));
    await until(async () => (await asRoot(machine, 'ls /run/farola-collector')).includes('control.sock'), 'it runs');
    const token = await session.type(operator.next('farola-collector lcu add'));

    await session.type(technician.next('farola-agent init'));
    await asRoot(machine, 'cat > /etc/farola/agent.yaml', JSON.stringify(ANALYSERS));
    await session.type(technician.next('farola-agent config check'));
    for (const what of ['scan', 'plan', 'read']) await session.type(technician.next(`farola-agent meter ${what}`));
    const page = await session.type(technician.next('farola-agent enroll'), token);
    const read = [...page.matchAll(/^ +[1-6] {2}([A-Z]+)$/gm)].map(([, word = '']) => word.toLowerCase()).join(' ');

    t.true((await session.type(operator.next('farola-collector lcu show'))).includes(read), 'both see the same six words');
    const approve = operator.next('farola-collector lcu approve');
    await session.type(approve, undefined, approve.line.replace('"abstract lunar ..."', `"${read}"`));
    const run = technician.next('farola-agent run');
    let agent = session.start(run);
    for (const line of technician.rest()) await session.type(line);

    for (const line of operator.rest()) {
      if (line.line.startsWith('farola-collector watch')) {
        const watch = session.start(line);
        await until(() => watch.out().split('\nmalaga-0042 ').length > 2, 'two looks');
        t.is(await watch.end('SIGINT'), 0);
      } else await session.type(line);
      if (line.line.startsWith('farola-collector lcu release')) {
        t.regex(line.comment, /restart its agent/);
        t.is(await agent.end(), 0, agent.out());
        agent = session.start(run);
      }
    }

    t.deepEqual(
      [...session.used].toSorted(),
      [...Object.keys(EXPECTED), ...RUNS_ON].toSorted(),
      'what is expected is in the README',
    );
    const { rootKey } = JSON.parse(await asRoot(machine, 'cat /var/lib/farola/enrolment.json')) as { rootKey: string };
    const { code, output } = await python('verify-proof.py', ['--root', rootKey, join(machine.work, 'malaga.farola-proof')]);
    t.is(code, 0, output);
    t.regex(output, new RegExp(`^LCU ${LCU}, collector malaga\\n`));
    t.is(await agent.end(), 0);
    t.is(await collector.end(), 0);
    t.notRegex(collector.out(), /"level":"(warn|error|fatal)"/);
  },
);
