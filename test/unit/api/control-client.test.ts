import { createServer } from 'node:http';
import test from 'ava';
import { controlPath } from '@farola/collector/api/control-path.js';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('each question has a connection of its own: one that was kept may be closed there unseen, which is no collector that does not run', async (t) => {
  const runDir = temporaryFolder(t);
  let connections = 0;
  const server = createServer((_request, response) => void response.end('{"ok":true,"value":{}}'));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(controlPath(runDir), resolve));
  t.teardown(() => server.close());
  for (let question = 1; question <= 3; question++) {
    t.deepEqual(await askControl(runDir, 'GET', '/status'), {});
    await new Promise((resolve) => setImmediate(resolve));
    t.is(connections, question);
  }
});
