import { jsonTime } from '@farola/shared';
import { describeFinding, type Finding, FINDINGS_KEPT, type Findings, NO_MONTH } from '../proof/finding.js';

/** A finding as `--json` tells it. */
export function findingJson({ kind, what, month, lcu, epoch, from, to, key, receivedAtMs }: Finding): object {
  const [of = null, branch = '0'] = epoch?.split('/') ?? [];
  return {
    kind,
    what,
    month: month === NO_MONTH ? null : month,
    lcuId: lcu ?? null,
    epoch: of,
    branch: of === null ? null : Number(branch),
    fromN: from ?? null,
    toN: to ?? from ?? null,
    answerKey: key ?? null,
    receivedAt: jsonTime(receivedAtMs ?? null),
  };
}

/** The findings of a kind below a title; nothing where there are none. */
export function findingLines(title: string, { kept, counts }: Findings, kind: Finding['kind']): string[] {
  const own = kept.filter((one) => one.kind === kind);
  const more = counts[kind] > FINDINGS_KEPT ? [`  and ${counts[kind] - FINDINGS_KEPT} more`] : [];
  return own.length === 0 ? [] : [`${title}:`, ...own.map((one) => `  ${describeFinding(one)}`), ...more];
}
