import t from 'tap';
import type { FileCheck } from '../../../src/config/checkers/file.js';
import { configOf } from '../text.js';

const file = (check: string, definition = 'file /tmp/load\nweight 3 reverse') => `dataplane {
port a {
device net_null
}
}
track_file load {
${definition}
}
virtual_server 10.0.0.1 80 {
lb_kind DR
real_server 10.0.0.2 80 {
FILE_CHECK {
${check}
}
}
}
`;

function checkOf(text: string) {
  const { config } = configOf(text);
  return {
    check: config.virtualServers[0]?.realServers[0]?.checkers,
    files: config.tracking.files,
  };
}

t.test('the weight is that of the check, or of the track_file', (t) => {
  const { check, files } = checkOf(file('track_file load'));
  const expected: FileCheck = {
    type: 'FILE_CHECK',
    name: 'load',
    weight: 3,
    isReversed: true,
    startsDown: false,
  };
  t.same(check, [expected]);
  t.match(files, [{ name: 'load', path: '/tmp/load' }], 'it is tracked for the check alone');
  t.match(checkOf(file('track_file load\nweight 9')).check, [{ weight: 9, isReversed: false }]);
  t.match(checkOf(file('track_file load\nweight -2 reverse')).check, [
    { weight: -2, isReversed: true },
  ]);
  t.end();
});

t.test('without its file a check is left out', (t) => {
  t.same(checkOf(file('track_file nope')), { check: [], files: [] });
  t.same(checkOf(file('weight 2')), { check: [], files: [] });
  t.same(checkOf(file('track_file load', 'weight 1')).check, []);
  t.end();
});
