import { fstatSync } from 'node:fs';

/** Severities of our logs. */
export type Severity = 'error' | 'warn' | 'info' | 'debug';

/** Priorities of syslog(3) by severity. */
const PRIORITY: Readonly<Record<Severity, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** What a line begins with for the journal to know its priority, sd-daemon(3): it takes it off again. */
export function journalPrefix(severity: Severity): string {
  return `<${PRIORITY[severity]}>`;
}

/**
 * Whether a file descriptor leads to systemd's journal, which then stands in `JOURNAL_STREAM` by device and inode
 * (systemd.exec(5)).
 * @param fd 1 or 2
 */
export function isJournal(fd: number, stream: string | undefined): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
