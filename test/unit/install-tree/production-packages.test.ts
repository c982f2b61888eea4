import { type LockedPackages, packagesOf, productionPackages } from '#scripts/install-tree/production-packages.js';
import test from 'ava';

const LOCK: LockedPackages = {
  '': { version: '1.0.0' },
  'agent': { dependencies: { '@farola/shared': '1', 'a': '1' } },
  'collector': { dependencies: { d: '1' } },
  'shared': { dependencies: { b: '1' } },
  'node_modules/@farola/shared': { link: true, resolved: 'shared' },
  'node_modules/a': { dependencies: { 'b': '2', 'prebuild-install': '1' }, optionalDependencies: { gone: '1' } },
  'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
  'node_modules/b': {},
  'node_modules/c': { dependencies: { a: '1' } },
  'node_modules/d': {},
  'node_modules/prebuild-install': {},
};

test('ships what a program needs to run, as Node finds it, and nothing else', (t) => {
  t.deepEqual(productionPackages(LOCK, 'agent'), [
    { to: '', from: 'agent' },
    { to: 'node_modules/@farola/shared', from: 'shared' },
    { to: 'node_modules/a', from: 'node_modules/a' },
    { to: 'node_modules/a/node_modules/b', from: 'node_modules/a/node_modules/b' },
    { to: 'node_modules/b', from: 'node_modules/b' },
    { to: 'node_modules/c', from: 'node_modules/c' },
  ]);
});

test('a package of the workspace itself moves up with it, one of another workspace stays with that', (t) => {
  const lock = { ...LOCK, 'agent/node_modules/a': {}, 'shared/node_modules/b': {} };
  t.deepEqual(
    productionPackages(lock, 'agent').map(({ from, to }) => `${from} > ${to}`),
    [
      'agent > ',
      'shared > node_modules/@farola/shared',
      'shared/node_modules/b > node_modules/@farola/shared/node_modules/b',
      'agent/node_modules/a > node_modules/a',
    ],
  );
});

test('two packages that want one place, and one that the lock does not have, are mistakes', (t) => {
  const twice = { ...LOCK, 'agent/node_modules/a': { dependencies: { c: '1' } }, 'node_modules/c': { dependencies: { a: '1' } } };
  t.throws(() => productionPackages(twice, 'agent'), { instanceOf: RangeError, message: /both want/ });
  t.throws(() => productionPackages({ ...LOCK, agent: { dependencies: { x: '1' } } }, 'agent'), { instanceOf: RangeError });
});

test('one package is shipped with what it needs, as the workspace finds it', (t) => {
  t.deepEqual(
    packagesOf(LOCK, 'agent', 'b').map(({ to }) => to),
    ['node_modules/b'],
  );
  t.deepEqual(
    packagesOf(LOCK, 'agent', 'c').map(({ to }) => to),
    ['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/c'],
  );
  t.throws(() => packagesOf(LOCK, 'agent', 'x'), { instanceOf: RangeError });
});
