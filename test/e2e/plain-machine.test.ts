import { plainMachine, whyNoPlainMachine } from '../fakes/plain-machine.js';
import { testUnless } from '../fakes/test-unless.js';
import { breakingDisk } from '../fakes/tiny-disk.js';
import { whyNoMount } from '../fakes/mounts.js';
import { untilFree } from '../fakes/until-free.js';

testUnless(whyNoPlainMachine() ?? whyNoMount('image'))(
  'a machine of a test holds no disk that this machine had mounted, and another test unplugs',
  async (t) => {
    const disk = breakingDisk(t, 8);
    const machine = await plainMachine(t);
    disk.unplug();
    await t.notThrowsAsync(untilFree(disk, 50));
    disk.plug();
    const { out } = await machine.run('farola', 'id -un && pwd');
    t.is(out, 'farola\n/srv/work\n');
  },
);
