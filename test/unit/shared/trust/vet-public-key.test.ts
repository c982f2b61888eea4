import { fromHex, vetPublicKey } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { isMainSubgroupPoint } from '../../../fakes/sodium-verify.js';
import { newTestSigner } from '../../../fakes/test-signer.js';
import { runs } from '../runs.js';
import { loadCases } from '../vectors/load.js';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('every key that was made from a seed is accepted, as by sodium', (t) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { publicKey } = newTestSigner(seed);
      return vetPublicKey(publicKey) === undefined && isMainSubgroupPoint(publicKey);
    }),
    runs(50),
  );
  t.pass();
});

test('of random bytes, whatever sodium takes is accepted, and one in four beyond it: points of mixed order', (t) => {
  let ours = 0;
  let sodiums = 0;
  fc.assert(
    fc.property(seeds, (bytes) => {
      const accepted = vetPublicKey(bytes) === undefined;
      const main = isMainSubgroupPoint(bytes);
      ours += Number(accepted);
      sodiums += Number(main);
      return accepted || !main;
    }),
    // Other than by chance, half of all y have a point, and an eighth of the points are in the main subgroup.
    { ...runs<[Uint8Array]>(400), endOnFailure: true },
  );
  t.true(ours > 100 && sodiums < ours, `${ours} and ${sodiums}`);
});

test('security: sodium refuses every key of keys.json that we refuse', (t) => {
  for (const { name, publicKey, code } of loadCases('keys.json')) {
    if (publicKey.length !== 64) continue;
    t.is(isMainSubgroupPoint(fromHex(publicKey)), code === null, name);
  }
});

test('the points of order 8 in keys.json solve d y^4 + 2 y^2 = 1', (t) => {
  const p = 2n ** 255n - 19n;
  const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
  const points = loadCases('keys.json').filter(({ name }) => name.startsWith('order 8'));
  t.is(points.length, 4);
  for (const { publicKey } of points) {
    const y = BigInt('0x' + Buffer.from(publicKey, 'hex').reverse().toString('hex')) % 2n ** 255n;
    t.is((d * y ** 4n + 2n * y ** 2n) % p, 1n);
  }
});
