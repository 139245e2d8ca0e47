import t from 'tap';
import {
  describePlaceError,
  filePrefix,
  pidFilePath,
  placeOf,
  socketPath,
  toolSocketPath,
} from '../../src/dataplane/paths.js';

const unsaid = { runtimeDirectory: undefined, instance: undefined };

t.test('paths of the usual place', (t) => {
  const place = placeOf(unsaid, {})._unsafeUnwrap();
  t.equal(socketPath(place), '/run/keelson/dataplane.sock');
  t.equal(pidFilePath(place), '/run/keelson/dataplane.pid');
  t.equal(filePrefix(place), 'keelson');
  t.end();
});

t.test('every path and the file-prefix tell instances and directories apart', (t) => {
  const texts = [
    unsaid,
    { ...unsaid, instance: 'lb1' },
    { ...unsaid, runtimeDirectory: '/tmp/a' },
    { runtimeDirectory: '/tmp/a', instance: 'lb1' },
    { ...unsaid, runtimeDirectory: '/tmp/b' },
  ].flatMap((options) => {
    const place = placeOf(options, {})._unsafeUnwrap();
    return [socketPath(place), pidFilePath(place), filePrefix(place)];
  });
  t.equal(new Set(texts).size, texts.length);
  const place = placeOf({ runtimeDirectory: '/tmp/a', instance: 'lb1' }, {})._unsafeUnwrap();
  t.equal(socketPath(place), '/tmp/a/dataplane_lb1.sock');
  t.match(filePrefix(place), /^keelson_[0-9a-f]{8}_lb1$/);
  t.end();
});

t.test('the command line wins over the environment', (t) => {
  const environment = { KEELSON_RUNTIME_DIR: '/tmp/e', KEELSON_INSTANCE: 'e1' };
  t.equal(socketPath(placeOf(unsaid, environment)._unsafeUnwrap()), '/tmp/e/dataplane_e1.sock');
  t.equal(
    socketPath(
      placeOf({ runtimeDirectory: '/tmp/o', instance: 'o1' }, environment)._unsafeUnwrap(),
    ),
    '/tmp/o/dataplane_o1.sock',
  );
  t.end();
});

t.test('an instance name cannot leave the directory', (t) => {
  for (const instance of ['', '../x', 'a/b', '-x', 'x'.repeat(33)]) {
    const error = placeOf({ ...unsaid, instance }, {})._unsafeUnwrapErr();
    t.match(describePlaceError(error), `"${instance}" is not an instance name`);
  }
  t.end();
});

t.test('DPVS_IPC_FILE names the socket unless the command line names the place', (t) => {
  const environment = { DPVS_IPC_FILE: '/tmp/dpvs.ipc' };
  t.equal(toolSocketPath(unsaid, environment)._unsafeUnwrap(), '/tmp/dpvs.ipc');
  t.equal(
    toolSocketPath({ ...unsaid, instance: 'lb1' }, environment)._unsafeUnwrap(),
    '/run/keelson/dataplane_lb1.sock',
  );
  t.end();
});
