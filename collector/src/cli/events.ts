import { FarolaError, isoTime, jsonTime, printable, systemClock, textTable } from '@farola/shared';
import { type DescribedEvent, describeEvent } from '../api/describe-event.js';
import { nameFacts } from '../api/name-facts.js';
import { type DatedFinding } from '../proof/proof-book.js';
import { codeOfFinding, describeFinding } from '../proof/finding.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { statePaths } from '../config/state-paths.js';
import type { CommandOptions } from './command-options.js';
import { openBeside, withState } from './open-store.js';
import { parseSpan } from './parse-time.js';

/** Options of `events`. */
export interface EventsOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly from?: string;
  readonly json?: boolean;
}

/**
 * Prints what LCUs recorded and the collector received since `--from`, in the order of receipt, and what the nightly proof
 * of the ledger found. Errors: `lcu-unknown`, `time-invalid`.
 */
export async function printEvents({ config, lcuId, from, json, out }: EventsOptions): Promise<void> {
  await withState(config, async ({ fleet, derived }, settings) => {
    const lcu = lcuId === undefined ? undefined : fleet.find(lcuId);
    if (lcuId !== undefined && !lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
    const names = new Map(fleet.list().map((one) => [one.lcuNo, one.lcuId]));
    const { fromMs } = parseSpan({ from, begin: '-7d' }, systemClock().now().wallMs);
    const recorded = derived.events(fromMs, lcu?.lcuNo).map((event) => {
      return { lcuId: names.get(event.lcuNo) ?? '?', ...describeEvent(event) };
    });
    const found = (await findingsSince(statePaths(settings).proof, fromMs)).filter((one) => !lcu || one.lcu === lcuId);
    const events = [...recorded, ...found.map(eventOf)].sort((a, b) => a.receivedAtMs - b.receivedAtMs);
    if (json) return events.forEach((event) => out(JSON.stringify(eventJson(event))));
    const columns = [{ title: 'LCU' }, { title: 'happened' }, { title: 'event' }, { title: 'told' }, { title: 'facts' }];
    const rows = events.map((event) => [
      event.lcuId,
      isoTime(event.atMs),
      event.code,
      told(event),
      nameFacts(event.code, event.facts),
    ]);
    textTable(
      columns,
      rows.map((row) => row.map(printable)),
    ).forEach(out);
    if (rows.length === 0) out('no events');
  });
}

/** An event, and whose it is. */
type Told = { readonly lcuId: string } & DescribedEvent;

/** In the place of the LCU, of what belongs to none. */
const NOBODY = '-';

/** What the nightly proof found: the collector's own events. */
async function findingsSince(path: string, fromMs: number): Promise<readonly DatedFinding[]> {
  const book = await openBeside(path, (how) => openSqliteProofBook(path, how));
  try {
    return book?.findings(fromMs) ?? [];
  } finally {
    book?.close();
  }
}

function eventOf(finding: DatedFinding): Told {
  const { lcu = NOBODY, epoch = '', from = 0, foundAtMs } = finding;
  const when = { atMs: foundAtMs, receivedAtMs: foundAtMs, late: false, ageMs: 0 };
  const [of = '', branch = '0'] = epoch.split('/');
  const where = { epoch: of, branch: Number(branch), n: from };
  return { lcuId: lcu, ...when, code: codeOfFinding(finding), facts: [describeFinding(finding)], ...where };
}

function eventJson({ lcuId, atMs, receivedAtMs, late, ageMs, code, facts, epoch, branch, n }: Told): object {
  const times = { at: jsonTime(atMs), receivedAt: jsonTime(receivedAtMs), late, ageSeconds: Math.floor(ageMs / 1_000) };
  const known = epoch !== '';
  const entry = { epoch: known ? epoch : null, branch: known ? branch : null, n: known ? n : null };
  return { lcuId: lcuId === NOBODY ? null : lcuId, ...times, code, facts, ...entry };
}

function told({ late, ageMs }: DescribedEvent): string {
  return late ? `late, ${Math.round(ageMs / 60_000)} min after` : 'at once';
}
