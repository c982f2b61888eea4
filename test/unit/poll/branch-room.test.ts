import test from 'ava';
import { BRANCH_LIMIT, BRANCH_PAUSE_MS, BRANCHES_AT_ONCE, branchId } from '@farola/collector/branch-id.js';
import { BranchRoom, WAITS_KEPT } from '@farola/collector/poll/branch-room.js';
import { FakeTime } from '../../fakes/fake-time.js';

const UNIT_EPOCH = epochNo(0);
const SAME_KEY = (): boolean => false;
const LATER_KEY = (): boolean => true;

function epochNo(no: number): Uint8Array {
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setUint32(0, no);
  return epoch;
}

/** One LCU, and how many chains each of its epochs has. */
class Forked {
  readonly time = new FakeTime();
  readonly room = new BranchRoom(this.time);
  readonly #counts = new Map<string, number>();

  /** One more chain of an epoch comes; whether it began. */
  comes(epoch = UNIT_EPOCH, isOfLaterKey = SAME_KEY, lcuNo = 0): boolean {
    const name = `${lcuNo} ${epoch.join()}`;
    const count = this.#counts.get(name) ?? 1;
    if (!this.room.mayBegin(lcuNo, epoch, count, isOfLaterKey)) return false;
    this.room.began(lcuNo, branchId(epoch, count));
    this.#counts.set(name, count + 1);
    return true;
  }

  /** As many as begin now. */
  all(epoch = UNIT_EPOCH): number {
    let begun = 0;
    while (this.comes(epoch)) begun++;
    return begun;
  }
}

test('security: three chains of an epoch are there at once, each further one an hour later, and eight after five hours', async (t) => {
  const lcu = new Forked();
  t.is(1 + lcu.all(), BRANCHES_AT_ONCE);
  for (let count = BRANCHES_AT_ONCE; count < BRANCH_LIMIT; count++) {
    await lcu.time.advance(BRANCH_PAUSE_MS - 1);
    t.is(lcu.all(), 0);
    await lcu.time.advance(1);
    t.is(lcu.all(), 1);
  }
  t.is((BRANCH_LIMIT - BRANCHES_AT_ONCE) * BRANCH_PAUSE_MS, 5 * 3_600_000);
  await lcu.time.advance(10 * BRANCH_PAUSE_MS);
  t.is(lcu.all(), 0, 'there is an end');
});

test('security: a thief who forks an epoch of his own each minute does not keep the true unit out of its own', async (t) => {
  const lcu = new Forked();
  lcu.all();
  for (let minute = 1; minute <= 60; minute++) {
    lcu.all(epochNo(minute));
    await lcu.time.advance(60_000);
  }
  t.true(lcu.comes());
  t.is(lcu.all(epochNo(61)), BRANCHES_AT_ONCE - 1);
  t.is(lcu.all(epochNo(60)), 0, 'which has its own wait');
});

test('LCUs do not wait for each other', (t) => {
  const lcu = new Forked();
  lcu.all();
  t.true(lcu.comes(UNIT_EPOCH, SAME_KEY, 1));
  t.true(lcu.comes(UNIT_EPOCH, SAME_KEY, 1));
  t.false(lcu.comes(UNIT_EPOCH, SAME_KEY, 1));
});

test('an epoch whose places are used up has one more, for a key that was enrolled later', async (t) => {
  const lcu = new Forked();
  for (let hour = 0; hour < 6; hour++) {
    lcu.all();
    if (hour < 5) await lcu.time.advance(BRANCH_PAUSE_MS);
  }
  t.false(lcu.comes(UNIT_EPOCH, LATER_KEY), 'it waits as well');
  await lcu.time.advance(BRANCH_PAUSE_MS);
  t.false(lcu.comes());
  t.true(lcu.comes(UNIT_EPOCH, LATER_KEY));
  await lcu.time.advance(BRANCH_PAUSE_MS);
  t.false(lcu.comes(UNIT_EPOCH, LATER_KEY));
});

test('of one LCU no more waits are kept than are told, and then the oldest ends first', (t) => {
  const lcu = new Forked();
  for (let no = 0; no < WAITS_KEPT; no++) lcu.all(epochNo(no));
  t.false(lcu.comes(epochNo(0)));
  lcu.all(epochNo(WAITS_KEPT));
  t.false(lcu.comes(epochNo(1)));
  t.true(lcu.comes(epochNo(0)));
  t.is(lcu.all(epochNo(0)), 0, 'it waits again');
});
