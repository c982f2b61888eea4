import { LEAF_PREFIX, merkleRoot } from '@farola/shared/manifest/merkle-tree.js';
import { fromHex, joinBytes, sha256, toHex } from '@farola/shared';
import fc from 'fast-check';
import test from 'ava';
import { runs } from '../runs.js';

/** Leaves and tree heads of the reference tree of Certificate Transparency (merkletree/merkle_tree_test.cc). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

for (const [size, root] of ROOTS.entries()) {
  test(`the tree of ${size} leaves has the head of Certificate Transparency`, (t) => {
    t.is(toHex(merkleRoot(LEAVES.slice(0, size).map((leaf) => merkleLeaf(fromHex(leaf))))), root);
  });
}

function merkleLeaf(data: Uint8Array): Uint8Array {
  return sha256(joinBytes(Uint8Array.of(LEAF_PREFIX), data));
}

/** RFC 6962 section 2.1, as it is written. */
function byTheBook(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(joinBytes(Uint8Array.of(0), leaves[0]!));
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(joinBytes(Uint8Array.of(1), byTheBook(leaves.slice(0, k)), byTheBook(leaves.slice(k))));
}

test('a tree of any size is that of RFC 6962', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (leaves) => {
      t.is(toHex(merkleRoot(leaves.map(merkleLeaf))), toHex(byTheBook(leaves)));
    }),
    runs(100),
  );
});
