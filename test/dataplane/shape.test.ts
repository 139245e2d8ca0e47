import fc from 'fast-check';
import t from 'tap';
import {
  address,
  amount,
  describeShapeError,
  endpoint,
  list,
  name,
  nullable,
  object,
  oneOf,
  prefix,
  type Shape,
  variant,
  whole,
} from '../../src/dataplane/shape.js';

function complaint(shape: Shape<unknown>, value: unknown): string {
  return describeShapeError(shape(value)._unsafeUnwrapErr());
}

t.test('single values', (t) => {
  const cases: readonly [Shape<unknown>, unknown, boolean][] = [
    [name(3), 'abc', true],
    [name(3), 'abcd', false],
    [name(3), '', false],
    [name(9), 'a\nb', false],
    [name(3), 1, false],
    [whole(0, 9), 9, true],
    [whole(0, 9), 10, false],
    [whole(0, 9), 1.5, false],
    [whole(0, 9), '1', false],
    [amount(0, 9), 1.5, true],
    [amount(0, 9), -0.5, false],
    [amount(0, 9), Number.NaN, false],
    [oneOf('a', 'b'), 'b', true],
    [oneOf('a', 'b'), 'c', false],
    [nullable(whole(0, 9)), null, true],
    [nullable(whole(0, 9)), undefined, false],
    [address, '192.0.2.1', true],
    [address, '192.0.2.256', false],
    [address, 7, false],
    [endpoint, { address: '2001:db8::1', port: 80 }, true],
    [endpoint, { address: '2001:db8::1', port: 65_536 }, false],
    [prefix, { address: '192.0.2.1', length: 32 }, true],
    [prefix, { address: '192.0.2.1', length: 33 }, false],
    [prefix, { address: '2001:db8::', length: 33 }, true],
  ];
  for (const [shape, value, fits] of cases) {
    t.equal(shape(value).isOk(), fits, JSON.stringify(value));
  }
  t.end();
});

t.test('the complaint says where and what', (t) => {
  const shape = object<{ ends: readonly unknown[] }>({ ends: list(endpoint, 2) });
  t.equal(
    complaint(shape, { ends: [{ address: '192.0.2.1', port: -1 }] }),
    'ends.0.port: expected a whole number between 0 and 65535',
  );
  t.equal(complaint(shape, { ends: [1, 2, 3] }), 'ends: expected a list of at most 2');
  t.equal(complaint(shape, {}), 'ends: expected a list of at most 2');
  t.equal(complaint(shape, []), 'expected an object');
  t.equal(
    complaint(prefix, { address: '192.0.2.1', length: 64 }),
    'length: expected a whole number between 0 and 32',
  );
  t.end();
});

t.test('what the shape does not name is left behind', (t) => {
  const shape = object<{ id: number }>({ id: whole(0, 9) });
  const value: unknown = JSON.parse('{"id":1,"more":2,"__proto__":{"id":3}}');
  t.same(Object.keys(shape(value)._unsafeUnwrap()), ['id']);
  t.ok(shape(JSON.parse('{"__proto__":{"id":3}}')).isErr(), 'inherited members do not count');
  t.end();
});

t.test('a variant is chosen by its word', (t) => {
  const shape = variant<{ kind: string }>('kind', {
    a: object({ kind: oneOf('a') }),
    b: object({ kind: oneOf('b') }),
  });
  t.same(shape({ kind: 'b' })._unsafeUnwrap(), { kind: 'b' });
  t.equal(complaint(shape, { kind: 'toString' }), 'kind: expected one of a, b');
  t.equal(complaint(shape, null), 'expected an object');
  t.end();
});

t.test('property: no value makes a shape throw', (t) => {
  const shape = variant<unknown>('verb', {
    a: object({ verb: oneOf('a'), prefix, ends: list(endpoint, 9), by: nullable(name(9)) }),
  });
  fc.assert(
    fc.property(fc.anything(), (value) => {
      shape(value);
      shape({ verb: 'a', prefix: value, ends: [value], by: value });
    }),
  );
  t.end();
});
