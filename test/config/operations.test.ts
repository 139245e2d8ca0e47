import t from 'tap';
import { operationsDefaults } from '../../src/config/operations.js';
import { threadsDefaults } from '../../src/config/threads.js';
import { configOf } from './text.js';

t.test('how the daemon is run', (t) => {
  const { config } = configOf(`
    net_namespace blue
    instance one
    use_pid_dir
    global_defs {
        umask 0027
        data_use_instance
        json_version 2
        json_dump_file /var/lib/k/
        vrrp_startup_delay 1.5
        vrrp_delay_after_boot 30
        log_unknown_vrids
        startup_script "/begin now" root
        startup_script_timeout 3
        shutdown_script /finish
    }`);
  t.same(config.operations, {
    netNamespace: 'blue',
    instance: 'one',
    usesPidDirectory: true,
    umask: 0o27,
    dumpFiles: {
      state: null,
      stats: null,
      json: '/var/lib/k/',
      usesInstance: true,
      jsonVersion: 2,
    },
    startupDelayMs: 1500,
    delayAfterBootMs: 30_000,
    logsUnknownRouters: true,
    startupScript: {
      script: { command: ['/begin', 'now'], user: 'root', group: null },
      timeoutMs: 3000,
    },
    shutdownScript: {
      script: { command: ['/finish'], user: null, group: null },
      timeoutMs: 10_000,
    },
    threads: threadsDefaults,
  });
  t.same(configOf('').config.operations, operationsDefaults);
  t.end();
});
