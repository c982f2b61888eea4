import { agentConfigSchema, parseAgentConfig } from '@farola/agent/config.js';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { parseCollectorConfig } from '@farola/collector/config/fs-config.js';
import { FarolaError } from '@farola/shared';
import { configFields } from '#scripts/docs/config-fields.js';
import test from 'ava';

type Section = Record<string, unknown>;

const PROFILES = new Set(['eastron-sdm630']);
const PROGRAMS = [
  {
    program: 'agent',
    schema: agentConfigSchema,
    good: {
      lines: [
        { id: 'main', transport: 'rtu', path: '/dev/ttyUSB0' },
        { id: 'gate', transport: 'rtu-over-tcp', host: '10.0.0.7', port: 4001 },
        { id: 'net', transport: 'modbus-tcp', host: '10.0.0.8', port: 502 },
      ],
      analysers: [{ id: 'one', line: 'main', unit: 1, profile: 'eastron-sdm630', ctRatio: { primary: 100, secondary: 5 } }],
    },
    parse: (text: string) => parseAgentConfig(text, 'agent.yaml', PROFILES),
  },
  {
    program: 'collector',
    schema: COLLECTOR_CONFIG,
    good: { collectorId: 'malaga', publicAddress: 'wss://malaga.example:8443', dial: [{ lcu: 'malaga-0042', host: '10.0.0.9' }] },
    parse: (text: string) => parseCollectorConfig(text, 'collector.yaml'),
  },
] as const;

/** A copy with a value at a path of configFields, in lists in the first item; `lines[] (transport: rtu).path` is of the first of that kind. */
function withValue(good: object, path: string, value: unknown): { document: object; at: string } {
  const document = structuredClone(good) as Section;
  const keys = path.split('.');
  const last = (keys.pop() ?? '').replace('[]', '');
  let section = document;
  let at = '';
  for (const key of keys) {
    const [, name = '', list, field = '', kind] = /^(\w+)(\[\])?(?: \((\w+): ([\w-]+)\))?$/.exec(key) ?? [];
    if (list === undefined) {
      section = (section[name] ??= {}) as Section;
      at += `${name}.`;
      continue;
    }
    const items = (section[name] ??= [{}]) as Section[];
    const index = Math.max(
      0,
      items.findIndex((item) => kind !== undefined && item[field] === kind),
    );
    section = items[index] as Section;
    at += `${name}[${index}].`;
  }
  section[last] = value;
  return { document, at: at + last };
}

/** What is said of a document; undefined when nothing is. */
function refusalOf(parse: (text: string) => unknown, document: object): FarolaError | undefined {
  try {
    parse(JSON.stringify(document));
    return undefined;
  } catch (error) {
    if (error instanceof FarolaError) return error;
    throw error;
  }
}

for (const { program, schema, good, parse } of PROGRAMS) {
  const fields = configFields(schema).map(({ path }) => path);

  test(`a wrong value of any field of the ${program} is told in lines that name it, with a hint`, (t) => {
    t.is(refusalOf(parse, good), undefined);
    t.true(fields.length > 20);
    for (const path of fields) {
      for (const wrong of [[[7]], { weird: 1 }, -1.5, null]) {
        const { document, at } = withValue(good, path, wrong);
        const refused = refusalOf(parse, document);
        t.is(refused?.code, 'config-invalid', `${at}: ${JSON.stringify(wrong)}`);
        const lines = String(refused?.facts['problems']).split('\n');
        t.true(
          lines.some((line) => line.trim().startsWith(at)),
          `${at}: ${lines.join('\n')}`,
        );
        t.true(lines.length <= 8 && lines.every((line) => line.length < 400), lines.join('\n'));
        t.is(refused?.hint, 'docs/config.md lists every field');
      }
    }
  });

  test(`a field of the ${program} that is misspelt is told in one line`, (t) => {
    for (const path of fields.filter((one) => !one.endsWith('[]'))) {
      const { document, at } = withValue(good, `${path}x`, 1);
      const lines = String(refusalOf(parse, document)?.facts['problems']).split('\n');
      t.true(
        lines.some((line) => line.trim().startsWith(at)),
        `${at}: ${lines.join('\n')}`,
      );
    }
  });
}
