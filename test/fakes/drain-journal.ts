import type { Journal } from '@farola/agent/journal/journal.js';
import { toHex, WANT } from '@farola/shared';
import type { StrictCollector } from './strict-collector.js';

/** Asks, checks and acknowledges until the journal owes nothing; throws when it never comes to that. */
export function drainJournal(journal: Journal, collector: StrictCollector): void {
  for (let round = 0; journal.size().backlog > 0 || journal.gaps().length > 0; round++) {
    if (round > 50) throw new Error('the journal owes something that it does not give');
    for (const [epoch, , last] of journal.openEpochs()) {
      for (let tries = 0; collector.mark(epoch).n < last; tries++) {
        if (tries > 1_000) throw new Error(`${toHex(epoch)} stops at ${collector.mark(epoch).n} of ${last}`);
        collector.ask(journal, [WANT.range, epoch, collector.mark(epoch).n, last + 1]);
        collector.takeGaps(journal);
      }
      const n = Math.min(collector.mark(epoch).n, last);
      const head = collector.known(epoch).heads.get(n);
      if (!head) throw new Error(`${toHex(epoch)} ends at ${n}, whose hash never came`);
      if (journal.applyAcks([[epoch, n, head]]).length > 0) throw new Error(`the ack of ${n} disagrees`);
    }
  }
}
