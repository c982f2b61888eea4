import type { ExecutionContext } from 'ava';
import type { Ledger, LedgerReader } from '@farola/collector/ledger/ledger.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { MemoryLedger } from './memory-ledger.js';
import { temporaryFolder } from './temporary-folder.js';

/** Opens an empty ledger for a test. */
type Opener = (t: ExecutionContext) => Promise<Ledger & LedgerReader>;

/** The ledgers that keep one contract, by what they are. */
export const LEDGERS: Readonly<Record<string, Opener>> = {
  async 'sqlite'(t) {
    const folder = temporaryFolder(t);
    const ledger = await openSqliteLedger({ folder });
    t.teardown(() => ledger.close());
    return ledger;
  },
  async 'sqlite, put in order after each second answer'(t) {
    const ledger = await openSqliteLedger({ folder: temporaryFolder(t), recentRows: 2 });
    t.teardown(() => ledger.close());
    const append = ledger.append.bind(ledger);
    ledger.append = (answers) => {
      const keys = append(answers);
      ledger.settle();
      return keys;
    };
    return ledger;
  },
  'memory': async () => new MemoryLedger(),
};
