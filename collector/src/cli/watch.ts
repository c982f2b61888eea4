import { explainError, FarolaError, pause, problemOf, systemTimers, wrapWords } from '@farola/shared';
import { loadCollectorConfig } from '../config/fs-config.js';
import type { FleetStatus } from '../status/fleet-status.js';
import { frame, HIDE_CURSOR, SHOW_CURSOR } from '../status/frame.js';
import { INDENT, statusLines } from '../status/status-table.js';
import { asOwnerOf } from './as-owner.js';
import type { CommandOptions } from './command-options.js';
import { nameConfig } from './name-config.js';
import { readFleetStatus } from './read-fleet-status.js';

/** Options of `watch`. */
export interface WatchOptions extends CommandOptions {
  /** Seconds between two looks. */
  readonly seconds: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** What a look gave: a status, or what was thrown instead. */
type Look = { readonly status: FleetStatus } | { readonly failed: unknown };

/**
 * Shows the status again and again until Ctrl-C: on a terminal in place, else one after the other. A look that fails is told in its
 * place, and the next is tried. Errors of the first alone: those of `status`; `usage`.
 */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const config = await loadCollectorConfig(options.config);
  const everyMs = secondsOf(options.seconds) * 1_000;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  const read = (): Promise<FleetStatus> => asOwnerOf(config.stateDir, () => readFleetStatus(config));
  let look: Look = { status: await read() };
  const { stdout } = process;
  const inPlace = stdout.isTTY && !options.json;
  const draw = (): void =>
    void stdout.write(frame(linesOf(look, options, stdout.columns), { columns: stdout.columns, rows: stdout.rows }));
  const clear = (): void => void stdout.write(HIDE_CURSOR + '\u001b[2J');
  const redraw = (): void => {
    clear();
    draw();
  };
  if (inPlace) {
    clear();
    stdout.on('resize', redraw);
  }
  try {
    for (;;) {
      if (inPlace) draw();
      else linesOf(look, options).forEach(options.out);
      await pause(systemTimers, everyMs, ending.signal);
      if (ending.signal.aborted) return;
      if (!inPlace && !options.json) options.out('');
      look = await read().then(
        (status) => ({ status }),
        (failed: unknown) => ({ failed }),
      );
    }
  } finally {
    stdout.off('resize', redraw);
    if (inPlace) stdout.write(SHOW_CURSOR);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

function linesOf(look: Look, { all, json, config }: WatchOptions, columns?: number): readonly string[] {
  const naming = (text: string): string => nameConfig(text, config);
  if (json) return [JSON.stringify('status' in look ? look.status : { error: problemOf(look.failed) })];
  return 'status' in look
    ? statusLines(look.status, all, columns, naming)
    : explainError(look.failed, { naming }).lines.flatMap((line) => wrapWords(line, columns, INDENT));
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new FarolaError('usage', { reason: `--seconds ${text} is not a whole number from 1 to 9999` });
}
