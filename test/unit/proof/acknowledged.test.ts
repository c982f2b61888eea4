import test from 'ava';
import type { Ack } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { AuditScene, told } from '../../fakes/audit-scene.js';
import { testAnswer, testGap } from '../../fakes/test-answer.js';
import { start, TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 10, 30, 12);
const DECEMBER = Date.UTC(2026, 11, 1, 12);

/** Takes the row of the answer that was appended as this one, from 0, out of its file with what it owns. */
function lose(scene: AuditScene, answer: number): void {
  scene.harm('2026-11', 'DELETE FROM answers WHERE key = ?', scene.keys[answer]);
  scene.harm('2026-11', 'DELETE FROM ranges WHERE key = ?', scene.keys[answer]);
}

/** A chain that holds a gap behind a hole, by a wrong word of its unit, and a branch that is whole: the ack of it came to the first. */
async function acknowledgedToAnother(scene: AuditScene): Promise<void> {
  const chain = new TestChain().grow(7);
  const other = new TestChain().grow(30).forkAt(5);
  const id = branchId(chain.epoch, 1);
  const shares = [{ id, source: chain.epoch, ...chain.held(1, 4) }];
  const acks: Ack[] = [[chain.epoch, 27, other.head(27)]];
  await scene.append(
    testAnswer(chain, 1, 7, { receivedAtMs: NOVEMBER, gaps: [testGap(other, 14, 16)] }),
    testAnswer(other, 5, 13, { receivedAtMs: NOVEMBER, id, shares }),
    testAnswer(other, 14, 30, { receivedAtMs: NOVEMBER, id }),
    testAnswer(other, 16, 16, { receivedAtMs: NOVEMBER + 1, acks }),
  );
}

test('what another chain of the epoch has and was acknowledged by is not gone from one that never had it', async (t) => {
  const scene = new AuditScene(t);
  await acknowledgedToAnother(scene);
  t.deepEqual(told(await scene.audit()), ['owed 2026-11 8..13 never delivered']);
});

test('what is gone of the chain that was acknowledged is told, also where the poll stands with another chain', async (t) => {
  const scene = new AuditScene(t);
  await acknowledgedToAnother(scene);
  lose(scene, 1);
  t.deepEqual(told(await scene.audit()).sort(), [
    'gone 2026-11 1..4 the row of this shared is gone',
    'gone 2026-11 5..13 acknowledged by a later poll',
    'owed 2026-11 8..13 never delivered',
  ]);
});

test('what a branch shares is told as gone where the chain that has it lost it', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(20);
  const fork = chain.forkAt(16);
  const id = branchId(chain.epoch, 1);
  const shares = [{ id, source: chain.epoch, ...chain.held(1, 15) }];
  await scene.append(
    testAnswer(chain, 1, 5, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 6, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER }),
    testAnswer(fork, 16, 20, { receivedAtMs: NOVEMBER, id, shares }),
  );
  t.deepEqual(told(await scene.audit()), []);
  lose(scene, 1);
  t.deepEqual(told(await scene.audit()), [
    'gone 2026-11 6..10 shared with a chain that does not hold it',
    'owed 2026-11 6..10 never delivered',
  ]);
});

test('a row that is gone is told by the poll that acknowledged it in another epoch', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(30);
  const next = new TestChain('malaga-0042', 2, 1);
  next.add({ ...start(next.boot, []), previous: { epoch: chain.epoch, n: 30, head: chain.head(30) } });
  await scene.append(
    testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 21, 30, { receivedAtMs: NOVEMBER }),
    testAnswer(next, 1, 1, { receivedAtMs: DECEMBER, acks: [[chain.epoch, 30, chain.head(30)]] }),
  );
  lose(scene, 1);
  t.deepEqual(told(await scene.audit()), ['gone 2026-11 11..20 acknowledged by a later poll']);
});

test('a row that is gone is told by the poll that acknowledged it, though a later one acknowledged nothing', async (t) => {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(40);
  await scene.append(
    testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 11, 20, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 21, 30, { receivedAtMs: NOVEMBER, acks: [[chain.epoch, 20, chain.head(20)]] }),
    testAnswer(chain, 31, 40, { receivedAtMs: NOVEMBER }),
  );
  lose(scene, 1);
  t.deepEqual(told(await scene.audit()), ['gone 2026-11 11..20 acknowledged by a later poll']);
});
