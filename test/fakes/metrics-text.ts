/** One metric family of a scrape. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Samples by name and labels, as they are written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4 strictly. Of our own metrics the names are judged as `promtool check metrics` does:
 * a counter ends in `_total`, nothing else does, and no name holds another unit than a base unit.
 */
export function parseMetrics(text: string): MetricFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families: (MetricFamily & { readonly samples: Map<string, number> })[] = [];
  let help = '';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (about === 'HELP') help = rest;
    else if (about === 'TYPE') {
      checkName(name, rest);
      if (families.some((one) => one.name === name)) throw new Error(`${name} stands twice`);
      families.push({ name, type: rest, help, samples: new Map() });
    } else addSample(families.at(-1), line);
  }
  return families;
}

function checkName(name: string, type: string): void {
  if (!NAME.test(name) || !(type in SUFFIXES)) throw new Error(`${name} ${type}`);
  if (!name.startsWith('farola_')) return;
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`);
  if (/_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)/.test(name)) throw new Error(`${name} has no base unit`);
}

function addSample(family: (MetricFamily & { readonly samples: Map<string, number> }) | undefined, line: string): void {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const isOf = family && SUFFIXES[family.type]?.some((suffix) => name === family.name + suffix);
  if (!isOf || (!/^nan$/i.test(value) && !Number.isFinite(Number(value.replace('+Inf', '0')))))
    throw new Error(`no sample: ${line}`);
  const key = name + labels;
  if (family.samples.has(key)) throw new Error(`${key} stands twice`);
  family.samples.set(key, Number(value));
}
