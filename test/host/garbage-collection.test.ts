import t from 'tap';
import { collectsAlone, wantedNodeOptions } from '../../src/host/garbage-collection.js';

t.test('the option is there once', (t) => {
  t.same(wantedNodeOptions(['--trace-gc']), ['--trace-gc', collectsAlone]);
  t.same(wantedNodeOptions([collectsAlone]), [collectsAlone]);
  t.end();
});
