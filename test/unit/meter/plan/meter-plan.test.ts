import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planMeter } from '@farola/agent/cli/meter-plan.js';
import type { MeterPlanOptions } from '@farola/agent/cli/meter-plan.js';
import { SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';

interface Planned {
  analyserId: string | null;
  lineId: string | null;
  profileId: string;
  cost: { byteMs: number; gapMs: number };
  requestCount: number;
  passMs: number;
  oneByOne: { requestCount: number; passMs: number };
  adjacentOnly: { requestCount: number };
  plan: { firstRegister: number; registerCount: number; quantities: string[]; ends: string }[];
}

async function configured(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-plan-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'agent.yaml');
  await writeFile(
    path,
    `stateDir: ${folder}
profilesDir: ${join(folder, 'own')}
lines:
  - { id: bus, transport: rtu, path: /dev/not-there, baud: 9600 }
  - { id: net, transport: modbus-tcp, host: 192.0.2.1 }
analysers:
  - { id: mains, line: bus, unit: 1, profile: janitza-umg96rm }
  - { id: lamps, line: net, unit: 1, profile: socomec-diris-b30 }
`,
  );
  return path;
}

async function planned(options: MeterPlanOptions): Promise<Planned[]> {
  const lines: string[] = [];
  await planMeter({ ...options, json: true }, (line) => lines.push(line));
  return lines.map((line) => JSON.parse(line) as Planned);
}

test('plans every analyser for its own line, and opens none', async (t) => {
  const [mains, lamps] = await planned({ config: await configured(t) });
  t.like(mains, {
    analyserId: 'mains',
    lineId: 'bus',
    profileId: 'janitza-umg96rm',
    requestCount: 1,
    oneByOne: { requestCount: 46 },
  });
  t.like(lamps, { analyserId: 'lamps', lineId: 'net', profileId: 'socomec-diris-b30', cost: { byteMs: 0 } });
  t.true((mains?.cost.byteMs ?? 0) > 1);
});

test('plans the analysers that are named, and knows which there are', async (t) => {
  const config = await configured(t);
  t.deepEqual(
    (await planned({ config, analysers: ['lamps'] })).map(({ analyserId }) => analyserId),
    ['lamps'],
  );
  await t.throwsAsync(planned({ config, analysers: ['roof'] }), { code: 'analyser-unknown' });
});

test('plans a profile by itself', async (t) => {
  const profile = join(SHIPPED_PROFILES.path, 'eastron-sdm630.yaml');
  const [plan] = await planned({ profile });
  t.like(plan, { analyserId: null, lineId: null, requestCount: 4, adjacentOnly: { requestCount: 10 } });
  t.is(plan?.plan.flatMap(({ quantities }) => quantities).length, 47);
  t.true((plan?.passMs ?? Infinity) <= 550);
  const lines: string[] = [];
  await planMeter({ profile }, (line) => lines.push(line));
  t.regex(lines[0] ?? '', /^eastron-sdm630: 1\.04 ms a byte/);
  t.regex(lines.join('\n'), /a pass: +4 requests, .*\n {2}one row a request: +47 requests/);
  await t.throwsAsync(planned({ profile, analysers: ['mains'] }), { code: 'usage' });
  await t.throwsAsync(planned({ profile: '/nowhere.yaml' }), { code: 'profile-unreadable' });
});

test('plans a profile by its id as by its file, and says which there are', async (t) => {
  const of = async (profile: string): Promise<string[]> => {
    const lines: string[] = [];
    await planMeter({ profile }, (line) => lines.push(line));
    return lines;
  };
  t.deepEqual(await of('eastron-sdm630'), await of(join(SHIPPED_PROFILES.path, 'eastron-sdm630.yaml')));
  await t.throwsAsync(of('eastron-sdm'), { code: 'profile-unreadable', message: /there are .*eastron-sdm630/ });
});
