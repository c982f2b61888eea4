import { addressGroup } from '@farola/collector/link/address-group.js';
import test from 'ava';

for (const [address, group] of [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
] as const) {
  test(`${address} belongs to ${group}`, (t) => {
    t.is(addressGroup(address), group);
  });
}

test('addresses of one /64 are one place, and those of two are not', (t) => {
  t.is(addressGroup('2001:db8:0:1::1'), addressGroup('2001:DB8:0:1:ffff::9'));
  t.not(addressGroup('2001:db8:0:1::1'), addressGroup('2001:db8:0:2::1'));
});
