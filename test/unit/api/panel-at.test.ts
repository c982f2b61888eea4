import test from 'ava';
import { panelAt } from '@farola/collector/api/panel-at.js';

test('what is measured before an LCU was added counts for its first panel', (t) => {
  const stays = [
    { panel: 'plaza', lcuId: 'm', fromMs: 10, toMs: 20 },
    { panel: 'mercado', lcuId: 'm', fromMs: 20, toMs: null },
  ];
  t.deepEqual(
    [5, 10, 19, 20, 99].map((at) => panelAt(stays, at)),
    ['plaza', 'plaza', 'plaza', 'mercado', 'mercado'],
  );
  t.is(panelAt([], 5), undefined);
});
