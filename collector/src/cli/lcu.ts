import {
  FarolaError,
  formatToken,
  isoTime,
  jsonTime,
  judgeWords,
  printable,
  sha256,
  systemClock,
  systemRandom,
  textTable,
  toHex,
} from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import type { Contact } from '../fleet/derived-state.js';
import type { Lcu, LcuKey } from '../fleet/fleet.js';
import { PlatformBook, type PlatformMark } from '../fleet/platform-book.js';
import type { CodeMark } from '../fleet/release-book.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { statePaths } from '../config/state-paths.js';
import { loadCollectorKeys } from '../trust/fs-collector-keys.js';
import { type CommandOptions, say } from './command-options.js';
import { historyJson, lcuJson, type Marks } from './lcu-json.js';
import { withState } from './open-store.js';
import { bookOf } from './release.js';
import { checkWords } from './typed-words.js';

const HOUR_MS = 3_600_000;

/** Adds an LCU, or invites one again that has not enrolled, and prints its token. */
export async function addLcu(lcuId: string, options: CommandOptions & { readonly panel: string }): Promise<void> {
  await withState(options.config, async ({ fleet }, config) => {
    const { identity } = await loadCollectorKeys(statePaths(config).keys, config.collectorId);
    const before = fleet.find(lcuId)?.state;
    const secret = systemRandom.bytes(16);
    const { wallMs } = systemClock().now();
    const expiresAt = wallMs + config.tokenHours * HOUR_MS;
    fleet.invite(lcuId, options.panel, { tokenHash: sha256(secret), expiresAtMs: expiresAt }, wallMs);
    const token = formatToken({
      lcuId,
      secret,
      expiresAt,
      collectorId: config.collectorId,
      address: config.publicAddress,
      rootKey: identity.rootKey,
      pin: identity.pin,
    });
    if (options.json) return options.out(JSON.stringify({ lcuId, panel: options.panel, token, expiresAt: jsonTime(expiresAt) }));
    // Standard output has the token alone, so that it can go into a file for `enroll --token-file`.
    const note = options.note ?? options.out;
    if (before === 'pending') note(`The key that waited for approval as ${lcuId} is dropped.`);
    note(`${lcuId} is added to panel ${options.panel}. Hand this token to the technician, by a private way;`);
    note(`it works once, until ${isoTime(expiresAt)}:`);
    options.out(token);
  });
}

/** Lists the fleet. */
export async function listLcus(options: CommandOptions): Promise<void> {
  await withState(options.config, async (state, config) => {
    const { fleet, derived } = state;
    const markOf = await marker(state, config);
    const rows = fleet.list().map((lcu) => {
      const contact = derived.contact(lcu.lcuNo);
      return { lcu, contact, ...markOf(lcu, contact) };
    });
    if (options.json) {
      return rows.forEach((row) => options.out(JSON.stringify(lcuJson(row, state))));
    }
    const lines = textTable(
      [
        { title: 'LCU' },
        { title: 'panel' },
        { title: 'state' },
        { title: 'assurance' },
        { title: 'last verified answer' },
        { title: 'verdict' },
        { title: 'code' },
        { title: 'platform' },
        { title: 'entries', align: 'right' },
      ],
      rows.map(({ lcu, contact, code, platform }) => [
        lcu.lcuId,
        lcu.panel,
        lcu.state,
        `A${lcu.assurance}`,
        lastGoodText(contact, state),
        contact?.verdict ?? '-',
        codeText(code),
        platform?.mark ?? '-',
        String(contact?.entriesStored ?? 0),
      ]),
    );
    lines.forEach(options.out);
  });
}

/** Shows one LCU. Error: `lcu-unknown`. */
export async function showLcu(lcuId: string, options: CommandOptions): Promise<void> {
  await withState(options.config, async (state, config) => {
    const { fleet, derived } = state;
    const lcu = fleet.find(lcuId);
    if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
    const words = fleet.words(lcuId);
    const contact = derived.contact(lcu.lcuNo);
    const stays = derived.panelStays(lcu.lcuNo);
    const meters = derived.meterStays(lcu.panel).filter((stay) => stay.lcuNo === lcu.lcuNo);
    const marks = (await marker(state, config))(lcu, contact);
    const { code, platform } = marks;
    const keys = fleet.keyHistory(lcu.lcuNo);
    const decisions = fleet.decisions(lcu.lcuNo);
    if (options.json) {
      const told = { ...lcuJson({ lcu, contact, ...marks }, state), words: words ?? null };
      return options.out(JSON.stringify({ ...told, ...historyJson({ keys, decisions, panels: stays, meters }) }));
    }
    const lines: [string, string][] = [
      ['LCU', lcu.lcuId],
      ['state', lcu.state],
      ...decisions.map((one): [string, string] => [one.decision, `${isoTime(one.atMs)} by ${one.by}: ${one.reason}`]),
      ['assurance', `A${lcu.assurance}`],
      ['words', words?.join(' ') ?? '-'],
      ...(keys.length === 0 ? [['key', '-'] as [string, string]] : keys.map(keyLine)),
      ['last verified answer', lastGoodText(contact, state)],
      ['last verdict', contact?.verdict ?? '-'],
      ['code', codeText(code) + because(code)],
      ['code hash', contact?.codeHash ? toHex(contact.codeHash) : '-'],
      ['platform', (platform?.mark ?? '-') + because(platform)],
      ['platform hash', platform?.hash ?? '-'],
      ['answers', `${contact?.answersOk ?? 0} verified, ${contact?.answersRefused ?? 0} not`],
      ['entries stored', String(contact?.entriesStored ?? 0)],
      ...stays.map((stay): [string, string] => ['panel', `${stay.panel} ${span(stay)}`]),
      ...meters.map((stay): [string, string] => [
        'meter',
        `${stay.point} ${stay.profileId}${stay.profileOrigin === 'own' ? ' (own profile)' : ''} serial ${stay.serialNumber ?? 'not told'} ${span(stay)}`,
      ]),
    ];
    for (const [name, value] of lines) options.out(`${name.padEnd(22)}${printable(value)}`);
  });
}

/** Approves a pending LCU. Errors: `lcu-unknown`, `lcu-not-pending`, `words-mistyped`, `words-differ`. */
export async function approveLcu(lcuId: string, options: CommandOptions & { readonly words: string }): Promise<void> {
  await withState(options.config, ({ fleet }) => {
    const lcu = fleet.find(lcuId);
    if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
    const words = fleet.words(lcuId);
    if (lcu.state !== 'pending' || !words) throw new FarolaError('lcu-not-pending', { lcu: lcuId, state: lcu.state });
    checkWords(lcu, judgeWords(options.words, words));
    fleet.approve(lcuId, systemClock().now().wallMs);
    say(options, { lcuId, state: 'active' }, `${lcuId} is active; it connects within a minute.`);
  });
}

/** Judges, with what is trusted now, the code in the last verified answer and the platform that was told last. */
async function marker(
  state: SqliteState,
  config: CollectorConfig,
): Promise<(lcu: Pick<Lcu, 'lcuNo'>, contact: Contact | undefined) => Marks> {
  const book = await bookOf(state, config);
  const platforms = new PlatformBook(state.platforms.all());
  const { wallMs } = systemClock().now();
  return ({ lcuNo }, contact) => {
    if (typeof contact?.lastGoodAtMs !== 'number') return { code: undefined, platform: undefined };
    const hash = state.derived.platform(lcuNo)?.hash ?? null;
    return {
      code: book.mark(contact.codeHash, wallMs),
      platform: { ...platforms.mark(hash), hash: hash && toHex(hash) },
    };
  };
}

function because(mark: Pick<CodeMark | PlatformMark, 'reason'> | undefined): string {
  return mark?.reason === undefined ? '' : `, because: ${mark.reason}`;
}

function codeText(code: CodeMark | undefined): string {
  if (!code) return '-';
  return code.name === undefined ? code.mark : `${code.mark} ${code.name}`;
}

/** A time of before the wall clock went back says nothing of how long ago that was. */
function lastGoodText(contact: Contact | undefined, { ageLosses }: Pick<SqliteState, 'ageLosses'>): string {
  const lastGoodAtMs = contact?.lastGoodAtMs ?? null;
  const lost = contact && ageLosses.isContactLost(contact.lcuNo, lastGoodAtMs);
  return timeOrDash(lastGoodAtMs) + (lost ? ', before the clock went back' : '');
}

/** A key that was dropped while it was pending was in force for no time. */
function keyLine(key: LcuKey): [string, string] {
  const wasDropped = key.toMs === key.fromMs;
  return ['key', `${toHex(key.publicKey)} ${wasDropped ? `never in force, dropped after ${isoTime(key.fromMs)}` : span(key)}`];
}

function span({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number | null }): string {
  return `since ${isoTime(fromMs)}${toMs === null ? '' : ` until ${isoTime(toMs)}`}`;
}

function timeOrDash(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : isoTime(ms);
}
