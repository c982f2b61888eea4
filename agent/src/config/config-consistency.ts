import { shownValue } from '@farola/shared';
import { MODBUS_TCP_PORT } from './config-schema.js';
import type { FieldProblem } from './field-problem.js';
import { groupProblems } from './scan-group-problems.js';

/** A part of a configuration that may be anything yet: it is looked at even when other parts are wrong. */
type Loose = Readonly<Record<string, unknown>>;

/**
 * What contradicts itself between the fields of a configuration. It looks at the text's
 * raw content, so that these problems are told together with those of single fields.
 * @param profilesKnown ids of the profiles that exist
 * @param quantitiesOf names of the quantities of a profile; undefined of one that is not known
 */
export function contradictions(
  raw: unknown,
  profilesKnown: ReadonlySet<string>,
  quantitiesOf: (profileId: string) => readonly string[] | undefined,
): FieldProblem[] {
  const lines = items(raw, 'lines');
  const analysers = items(raw, 'analysers');
  const lineIds = new Set(lines.map((line) => line['id']));
  return [
    ...repeatedIds('lines', lines),
    ...repeated({ list: 'lines' }, lines, portOf, (port, first) => `${shownValue(port)} is the port of ${first} already`),
    ...repeatedIds('analysers', analysers),
    ...repeated(
      { list: 'analysers', field: 'unit' },
      analysers,
      addressOf,
      (_, first) => `${first} has this unit on the same line`,
    ),
    ...each(analysers, (analyser, index) => {
      const line = text(analyser, 'line');
      if (line === undefined || lineIds.has(line)) return [];
      return [of(['analysers', index, 'line'], `there is no line \`${shownValue(line)}\`${known([...lineIds])}`)];
    }),
    ...each(analysers, (analyser, index) => {
      const profile = text(analyser, 'profile');
      if (profile === undefined || profilesKnown.has(profile)) return [];
      const others = known([...profilesKnown].toSorted());
      return [of(['analysers', index, 'profile'], `there is no profile \`${shownValue(profile)}\`${others}`)];
    }),
    ...each(analysers, (analyser, index) => {
      const profile = text(analyser, 'profile');
      const quantities = profile === undefined ? undefined : quantitiesOf(profile);
      if (profile === undefined || quantities === undefined) return [];
      return groupProblems(['analysers', index, 'scanGroups'], analyser['scanGroups'], { profile, quantities });
    }),
    ...reconnectOrder(raw),
  ];
}

function reconnectOrder(raw: unknown): FieldProblem[] {
  const link = isMap(raw) ? raw['link'] : undefined;
  if (!isMap(link)) return [];
  const { reconnectMinMs: min, reconnectMaxMs: max } = link;
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
  return [of(['link', 'reconnectMaxMs'], `${max} is below reconnectMinMs, ${min}`)];
}

function of(path: FieldProblem['path'], message: string): FieldProblem {
  return { path, message };
}

function repeatedIds(list: string, all: readonly Loose[]): FieldProblem[] {
  const idOf = (item: Loose): string | undefined => text(item, 'id');
  return repeated({ list, field: 'id' }, all, idOf, (id, first) => `\`${shownValue(id)}\` is the id of ${first} already`);
}

function repeated(
  { list, field }: { readonly list: string; readonly field?: string },
  all: readonly Loose[],
  keyOf: (item: Loose) => string | undefined,
  say: (key: string, first: string) => string,
): FieldProblem[] {
  const firstWith = new Map<string, number>();
  return each(all, (item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const first = firstWith.get(key);
    if (first === undefined) firstWith.set(key, index);
    const path = field === undefined ? [list, index] : [list, index, field];
    return first === undefined ? [] : [of(path, say(key, `${list}[${first}]`))];
  });
}

function portOf(line: Loose): string | undefined {
  const host = text(line, 'host');
  const port = line['port'] ?? (line['transport'] === 'modbus-tcp' ? MODBUS_TCP_PORT : undefined);
  return text(line, 'path') ?? (host === undefined ? undefined : `${host}:${JSON.stringify(port)}`);
}

function addressOf(analyser: Loose): string | undefined {
  const line = text(analyser, 'line');
  return line === undefined || typeof analyser['unit'] !== 'number' ? undefined : `${line} ${analyser['unit']}`;
}

function known(names: readonly unknown[]): string {
  const shown = names.filter((name) => typeof name === 'string');
  return shown.length === 0 ? '' : `; there is ${shown.map(shownValue).join(', ')}`;
}

function items(raw: unknown, name: string): Loose[] {
  const list = isMap(raw) ? raw[name] : undefined;
  return Array.isArray(list) ? list.map((item: unknown) => (isMap(item) ? item : {})) : [];
}

function each(all: readonly Loose[], problemsOf: (item: Loose, index: number) => FieldProblem[]): FieldProblem[] {
  return all.flatMap(problemsOf);
}

function text(item: Loose, name: string): string | undefined {
  const value = item[name];
  return typeof value === 'string' ? value : undefined;
}

function isMap(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
