// Ends with 0 when the native modules load and outlive what they must: statements are dropped while memory is asked for, so
// that V8 collects some, and not every build of better-sqlite3 outlives that (docs/decisions/016-object-wrap.md).
import '@serialport/bindings-cpp';
import Database from 'better-sqlite3';
import 'sodium-native';

const db = new Database(':memory:');
let kept = [];
let turns = 0;

setImmediate(function turn() {
  for (let n = 0; n < 100; n += 1) db.prepare('SELECT 1').get();
  for (let n = 0; n < 100_000; n += 1) kept.push({ n });
  turns += 1;
  if (turns % 5 === 0) kept = [];
  if (turns < 20) setImmediate(turn);
  else db.close();
});
