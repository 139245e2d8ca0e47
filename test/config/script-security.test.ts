import t from 'tap';
import type { CommandAs } from '../../src/config/command.js';
import { ScriptSecurity } from '../../src/config/script-security.js';
import type { ScriptHost } from '../../src/ports/script-host.js';

class Host implements ScriptHost {
  readonly users = new Map([
    ['root', 0],
    ['nobody', 65_534],
  ]);
  lookups = 0;

  idsOf(user: string, group: string | null) {
    this.lookups += 1;
    const uid = this.users.get(user);
    const gid = group === null ? uid : this.users.get(group);
    return uid === undefined || gid === undefined ? null : { uid, gid };
  }

  safetyOf(program: string) {
    if (program === '/none') return { type: 'missing' } as const;
    if (program === '/tmp/x') return { type: 'unsafe', component: '/tmp' } as const;
    return { type: 'safe' } as const;
  }
}

function script(program: string, user: string | null = null, group: string | null = null) {
  return { command: [program, 'word'], user, group } satisfies CommandAs;
}

t.test('who a script runs as', (t) => {
  const host = new Host();
  const free = new ScriptSecurity({ isSecure: false, owner: null }, host);
  t.same(free.commandOf(script('/x'), ['more'])._unsafeUnwrap(), {
    words: ['/x', 'word', 'more'],
    owner: { uid: 0, gid: 0 },
  });
  t.same(free.commandOf(script('/x', 'nobody'))._unsafeUnwrap().owner, {
    uid: 65_534,
    gid: 65_534,
  });
  t.same(free.commandOf(script('/x', 'nobody', 'root'))._unsafeUnwrap().owner, {
    uid: 65_534,
    gid: 0,
  });
  const named = new ScriptSecurity(
    { isSecure: false, owner: { user: 'nobody', group: null } },
    host,
  );
  t.equal(named.commandOf(script('/x'))._unsafeUnwrap().owner?.uid, 65_534);
  t.equal(named.commandOf(script('/x', 'root'))._unsafeUnwrap().owner?.uid, 0);
  host.users.set('keepalived_script', 999);
  const later = new ScriptSecurity({ isSecure: false, owner: null }, host);
  t.equal(later.commandOf(script('/x'))._unsafeUnwrap().owner?.uid, 999);
  const { lookups } = host;
  t.equal(later.commandOf(script('/x'))._unsafeUnwrap().owner?.uid, 999);
  t.equal(host.lookups, lookups, 'looked up once');
  t.end();
});

t.test('what is not run', (t) => {
  const host = new Host();
  const secure = new ScriptSecurity({ isSecure: true, owner: null }, host);
  t.equal(
    secure.commandOf(script('/tmp/x'))._unsafeUnwrapErr(),
    "Unsafe permissions found for script '/tmp/x' - disabling: others than root may change /tmp",
  );
  t.ok(secure.commandOf(script('/tmp/x', 'nobody')).isOk(), 'not as root');
  t.ok(secure.commandOf(script('/tmp/x', 'nobody', 'root')).isErr(), "root's group is enough");
  const free = new ScriptSecurity({ isSecure: false, owner: null }, host);
  t.ok(free.commandOf(script('/tmp/x')).isOk());
  t.equal(free.commandOf(script('/none'))._unsafeUnwrapErr(), 'there is no program /none to run');
  t.equal(
    free.commandOf(script('/x', 'who', 'what'))._unsafeUnwrapErr(),
    '/x is not run: there is no user who, or no group what',
  );
  t.end();
});
