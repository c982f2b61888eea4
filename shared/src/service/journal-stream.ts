import { isJournal, journalPrefix, type Severity } from './systemd-journal.js';

/** What takes lines: a destination of pino. */
export interface LineSink {
  write(line: string): unknown;
}

/** pino tells a stream with this mark the level of each line before it writes it. */
const TELLS_LEVEL = Symbol.for('pino.metadata');

/**
 * A stream for pino over what it writes to standard output: `out` itself, or, where that is systemd's journal, one that
 * begins each line with its priority, which the journal takes off.
 * @param labels `pino.levels.labels`: names of levels by their numbers
 * @param stream value of `JOURNAL_STREAM` in the environment
 */
export function journalStream(out: LineSink, labels: Readonly<Record<number, string>>, stream: string | undefined): LineSink {
  if (!isJournal(1, stream)) return out;
  const marked: LineSink & { lastLevel: number } = {
    lastLevel: 0,
    write(line) {
      out.write(journalPrefix(labels[this.lastLevel] as Severity) + line);
    },
  };
  return Object.assign(marked, { [TELLS_LEVEL]: true });
}
