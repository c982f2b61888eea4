import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import test from 'ava';
import { AnalyserHealth } from '@farola/agent/config/analyser-health.js';
import { loadConfigToRun } from '@farola/agent/config/fs-config-to-run.js';
import { fsPushedStore } from '@farola/agent/config/fs-pushed-store.js';
import { NOTHING_PUSHED, PushedConfig, type PushedState, type PushedStore } from '@farola/agent/config/pushed-config.js';
import { RemoteCommands } from '@farola/agent/config/remote-commands.js';
import { ownConfigReader } from '@farola/agent/config/own-config-reader.js';
import { mergedText, remoteProblems } from '@farola/agent/config/remote-config.js';
import { type Command, COMMAND_ARGUMENT_BYTES, configInvalid, FarolaError } from '@farola/shared';
import { RecordedLog } from '../../fakes/link-bench.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { runs } from '../shared/runs.js';

const filled = (piece: string): string => piece.repeat(Math.floor(COMMAND_ARGUMENT_BYTES / piece.length) - 10);

const HOSTILE: Readonly<Record<string, string>> = {
  'nested brackets': `lines: ${filled('[')}`,
  'nested groups': `lines: ${filled('{a: ')}`,
  'nested lists': filled('- '),
  'nested keys': filled('? '),
  'nested lines': Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  'aliases that multiply': [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`),
  ].join('\n'),
  'thousands of fields': Array.from({ length: 2000 }, (_, i) => `field${i}: 1`).join('\n'),
  'thousands of lines': `lines: [${Array.from({ length: 300 }, (_, i) => `{ id: l${i}, transport: rtu, path: /dev/ttyUSB${i} }`).join()}]`,
  'another document behind it': 'sampleSeconds: 30\n---\nstateDir: /tmp',
  'a field that is merged in': '<<: { stateDir: /tmp }\nsampleSeconds: 30',
  'a prototype': '__proto__: { stateDir: /tmp }\nsampleSeconds: 30',
  'a number twice': 'sampleSeconds: 30\nsampleSeconds: 60',
  'an unknown tag': 'sampleSeconds: !!js/function "x"',
  'the outputs of the lamps': 'circuits: [{ id: c1, gpio: 4 }]',
  'noise': new TextDecoder().decode(Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 256)),
};

for (const [what, text] of Object.entries(HOSTILE)) {
  test(`a configuration of ${what} is refused in few words, and nothing of it is taken`, (t) => {
    const problems = remoteProblems(text);
    t.true(problems.length > 0 && problems.length <= 300, `${problems.length} problems`);
    const merged = mergedText('sampleSeconds: 60\nstateDir: /var/lib/farola\n', text);
    t.true(merged.length < 4 * COMMAND_ARGUMENT_BYTES);
  });
}

/** What may happen to an LCU, in any order. */
const happens = fc.oneof(
  fc.record({ what: fc.constant('push' as const), sequence: fc.integer({ min: 1, max: 8 }), good: fc.boolean() }),
  fc.record({ what: fc.constantFrom('start' as const, 'judged well' as const, 'judged badly' as const, 'reset' as const) }),
  fc.record({ what: fc.constant('power cut' as const), before: fc.boolean() }),
);

/** A disk that loses power at the next write: before it, or right behind it. */
class CutStore implements PushedStore {
  stored: PushedState = NOTHING_PUSHED;
  cut: 'before' | 'behind' | undefined;

  load(): Promise<PushedState> {
    return Promise.resolve(this.stored);
  }

  save(state: PushedState): Promise<void> {
    const { cut } = this;
    this.cut = undefined;
    if (cut !== 'before') this.stored = state;
    return cut ? Promise.reject(new PowerCut()) : Promise.resolve();
  }
}

class PowerCut extends Error {}

test('whenever power fails, one configuration counts, numbers never fall, and none that was rolled back is ever kept', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(happens, { maxLength: 40 }), async (steps) => {
      const store = new CutStore();
      let pushed = new PushedConfig(store, await store.load());
      const gone = new Set<number>();
      let [accepted, kept] = [0, 0];
      for (const step of steps) {
        const before = store.stored;
        try {
          if (step.what === 'power cut') store.cut = step.before ? 'before' : 'behind';
          if (step.what === 'push') await commandsOn(pushed).take(step.sequence, step.good);
          if (step.what === 'start') await pushed.begin();
          if (step.what === 'judged well') await pushed.keep();
          if (step.what === 'judged badly') await pushed.rollBack('no poll came');
          if (step.what === 'reset') await pushed.reset();
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
          pushed = new PushedConfig(store, await store.load());
        }
        const now = store.stored;
        t.true(now.accepted >= accepted, 'a number that was accepted is never free again');
        if (now.kept && now.kept.sequence !== before.kept?.sequence) {
          t.is(before.trial?.sequence, now.kept.sequence, 'only what was on trial is kept');
          t.true(now.kept.sequence > kept && !gone.has(now.kept.sequence));
          t.is(now.trial, null, 'never two at once');
          kept = now.kept.sequence;
        }
        if (before.trial && !now.trial && now.kept?.sequence !== before.trial.sequence) gone.add(before.trial.sequence);
        if (now.trial) t.false(gone.has(now.trial.sequence));
        t.true((now.trial?.starts ?? 0) <= 3);
        accepted = now.accepted;
      }
    }),
    runs(500),
  );
});

/** Takes orders as the link hands them over: none that is not above the last. */
function commandsOn(pushed: PushedConfig): { take: (sequence: number, good: boolean) => Promise<void> } {
  const commands = new RemoteCommands({
    pushed,
    accept: true,
    trialSeconds: 300,
    health: new AnalyserHealth([]),
    check: async (text) => {
      const problems = remoteProblems(text);
      if (problems.length > 0) throw configInvalid('text', problems);
    },
    note: () => undefined,
    nowMs: () => 0,
    restart: () => undefined,
    log: new RecordedLog(),
  });
  return {
    take: async (sequence, good) => {
      const argument = new TextEncoder().encode(good ? `sampleSeconds: ${sequence === 7 ? 60 : 30}` : 'stateDir: /tmp');
      if (sequence > commands.accepted) await commands.configure({ sequence, argument, by: 'ana', reason: 'x' } as Command);
    },
  };
}

test('a start that cannot be counted, since the disk is full, goes without what is on trial', async (t) => {
  const folder = temporaryFolder(t);
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  const path = join(folder, 'agent.yaml');
  writeFileSync(
    path,
    `lines: [{ id: main, transport: rtu, path: /dev/ttyUSB0 }]\nanalysers: [{ id: mains, line: main, unit: 1, profile: eastron-sdm630 }]\nstateDir: ${stateDir}\n`,
  );
  const store = fsPushedStore(stateDir);
  const pushed = new PushedConfig(store, await store.load());
  await pushed.tryOut({ sequence: 4, text: 'sampleSeconds: 30', by: 'ana', reason: 'x', atMs: 1 }, []);
  const full: PushedStore = {
    load: () => store.load(),
    save: () => Promise.reject(new FarolaError('disk-failure', { path: stateDir, reason: 'no space' })),
  };
  const log = new RecordedLog();
  const { config, pushed: run } = await loadConfigToRun(ownConfigReader, path, () => log, { storeIn: () => full });
  t.is(config.sampleSeconds, 60, 'the file alone counts');
  t.is(run.text, undefined);
  const told: unknown[] = [];
  await run.tell((event, [sequence]) => told.push([event, sequence]));
  t.deepEqual(told, [['config-rolled-back', 4]]);
  await t.notThrowsAsync(run.tell(() => t.fail('once in a run')));
});
