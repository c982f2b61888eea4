import { LcuLines } from '@farola/collector/log/lcu-lines.js';
import { eventTeller } from '@farola/collector/main/event-teller.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { type Cbor, encodeEntry } from '@farola/shared';
import test from 'ava';

interface Line {
  readonly lcu?: string;
  readonly facts: readonly string[];
  readonly factsLeftOut?: number;
}

/** What the log says of one event with these facts. */
function told(facts: readonly Cbor[]): Line {
  const lines: Line[] = [];
  const keep = (fields: object): void => void lines.push(fields as Line);
  const at = { monoMs: 1, wallMs: 2, quality: 'none' } as const;
  const entry = encodeEntry({ kind: 'event', at, code: 'stop', facts });
  const event = { lcuNo: 7, epoch: new Uint8Array(8), n: 2, entry, atMs: 0, receivedAtMs: 0, late: false };
  eventTeller({ info: keep, warn: keep, error: keep }, { list: () => [], version: () => 1 })([event]);
  return lines[0]!;
}

test('after an outage a live event is told, and first, however many late ones come with it', (t) => {
  const lines: [fields: object, message: string][] = [];
  const keep = (fields: object, message: string): void => void lines.push([fields, message]);
  const log = new LcuLines({ info: keep, warn: keep, error: keep });
  const event = (n: number, code: 'stop' | 'code-changed', late: boolean) => {
    const entry = encodeEntry({ kind: 'event', at: { monoMs: 1, wallMs: 2, quality: 'none' }, code, facts: [] });
    return { lcuNo: 7, epoch: new Uint8Array(8), n, entry, atMs: 0, receivedAtMs: 0, late };
  };
  const old = Array.from({ length: 64 }, (_, i) => event(2 + i, 'stop', true));
  const tell = eventTeller(log, { list: () => [{ lcuNo: 7, lcuId: 'malaga-0042' } as Lcu], version: () => 1 });
  tell([...old, event(66, 'code-changed', false)]);
  t.like(lines[0], [{ lcu: 'malaga-0042', event: 'code-changed', late: false }, 'event']);
  t.is(lines.filter(([, message]) => message === 'late event').length, 20);
  tell([...old, event(67, 'code-changed', false)]);
  t.like(lines.at(-1), [{ event: 'code-changed' }, 'event'], 'also when the late ones have used up what is theirs');
});

test('the fleet is listed once for as long as it is as it was, and not where there is no event', (t) => {
  let [listed, version] = [0, 1];
  const list = (): Lcu[] => [{ lcuNo: 7, lcuId: `malaga-${++listed}` } as Lcu];
  const lines: Line[] = [];
  const keep = (fields: object): void => void lines.push(fields as Line);
  const tell = eventTeller({ info: keep, warn: keep, error: keep }, { list, version: () => version });
  const entry = encodeEntry({ kind: 'event', at: { monoMs: 1, wallMs: 2, quality: 'none' }, code: 'stop', facts: [] });
  const event = { lcuNo: 7, epoch: new Uint8Array(8), n: 2, entry, atMs: 0, receivedAtMs: 0, late: false };
  tell([]);
  t.is(listed, 0);
  tell([event]);
  tell([event]);
  version = 2;
  tell([event]);
  t.deepEqual(
    lines.map(({ lcu }) => lcu),
    ['malaga-1', 'malaga-1', 'malaga-2'],
  );
});

test('what an ordinary event tells is printed whole', (t) => {
  t.deepEqual(told([1, 'content dist/version.js', Uint8Array.of(0xab)]).facts, ['1', 'content dist/version.js', 'ab']);
});

test('facts that fit just so are told whole, and one character more is cut', (t) => {
  const fits = ['x'.repeat(507), 'y'.repeat(510)];
  t.is(JSON.stringify(fits).length, 1024);
  t.deepEqual(told(fits).facts, fits);
  t.is(told(fits).factsLeftOut, undefined);
  t.is(told([...fits, '']).factsLeftOut, 1);
  t.is(told([fits[0]!, `${fits[1]}y`]).factsLeftOut, 1);
});

for (const [what, facts] of [
  ['one long byte string', [new Uint8Array(8000)]],
  ['one long text', ['€'.repeat(2500)]],
  ['a text of control characters', ['\u0001'.repeat(8000)]],
  ['many facts', Array.from({ length: 16 }, () => 'x'.repeat(200))],
  ['a list of lists', [Array.from({ length: 1000 }, () => [1, 'x'])]],
] as const) {
  test(`of an event with ${what} no more than 1 KiB is printed, and that something is left out`, (t) => {
    const line = told(facts);
    t.true(Buffer.byteLength(JSON.stringify(line.facts)) <= 1024, String(JSON.stringify(line).length));
    t.true((line.factsLeftOut ?? 0) > 0);
  });
}
