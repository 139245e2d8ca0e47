// Checks that parsed JSON has the shape of a type, and says what is wrong where. Nothing that came
// from a socket is used before it went through here; members that a shape does not name are left
// behind.
import { type Err, err, ok, type Result } from 'neverthrow';
import { type Endpoint, type IpAddress, parseIpAddress } from '../net/address.js';
import { hostLength, type Prefix } from '../net/prefix.js';

export type ShapeError = {
  readonly type: 'shape.mismatch';
  /** From the outermost member inwards. */
  readonly path: readonly string[];
  readonly expected: string;
};

export type Shape<T> = (value: unknown) => Result<T, ShapeError>;

export function describeShapeError({ path, expected }: ShapeError): string {
  return path.length === 0 ? `expected ${expected}` : `${path.join('.')}: expected ${expected}`;
}

/** 1..`lengthMax` printable characters: names end up in logs and paths. */
export function name(lengthMax: number): Shape<string> {
  return (value) => {
    const isName = typeof value === 'string' && value.length <= lengthMax;
    if (isName && /^[^\p{Cc}]+$/u.test(value)) return ok(value);
    return mismatch(`1 to ${lengthMax} printable characters`);
  };
}

export function whole(min: number, max: number): Shape<number> {
  return (value) => {
    const isWhole = typeof value === 'number' && Number.isInteger(value);
    if (isWhole && value >= min && value <= max) return ok(value);
    return mismatch(`a whole number between ${min} and ${max}`);
  };
}

/** Fractions allowed. */
export function amount(min: number, max: number): Shape<number> {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max
      ? ok(value)
      : mismatch(`a number between ${min} and ${max}`);
}

export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value) => {
    const word = words.find((one) => one === value);
    return word === undefined ? mismatch(`one of ${words.join(', ')}`) : ok(word);
  };
}

export const truth: Shape<boolean> = (value) =>
  typeof value === 'boolean' ? ok(value) : mismatch('true or false');

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? ok(null) : shape(value));
}

export function list<T>(shape: Shape<T>, lengthMax: number): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > lengthMax) {
      return mismatch(`a list of at most ${lengthMax}`);
    }
    const elements: T[] = [];
    for (const [index, element] of value.entries()) {
      const checked = shape(element);
      if (checked.isErr()) return inside(`${index}`, checked.error);
      elements.push(checked.value);
    }
    return ok(elements);
  };
}

export function object<T extends object>(
  members: {
    readonly [K in keyof T]-?: Shape<T[K]>;
  },
): Shape<T> {
  const shapes = Object.entries<Shape<unknown>>(members);
  return (value) => {
    if (!isObject(value)) return mismatch('an object');
    const checked: Record<string, unknown> = {};
    for (const [member, shape] of shapes) {
      const result = shape(Object.hasOwn(value, member) ? value[member] : undefined);
      if (result.isErr()) return inside(member, result.error);
      checked[member] = result.value;
    }
    return ok(checked as T);
  };
}

/** The shape that the object's own word `tag` selects. */
export function variant<T>(tag: string, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  const words = Object.keys(shapes).join(', ');
  return (value) => {
    if (!isObject(value)) return mismatch('an object');
    const word = value[tag];
    if (typeof word !== 'string' || !Object.hasOwn(shapes, word)) {
      return inside(tag, { type: 'shape.mismatch', path: [], expected: `one of ${words}` });
    }
    const shape = shapes[word];
    if (shape === undefined) throw new Error(`assertion: no shape for "${word}"`);
    return shape(value);
  };
}

export const address: Shape<IpAddress> = (value) => {
  if (typeof value !== 'string') return mismatch('an IP address');
  const parsed = parseIpAddress(value);
  return parsed.isErr() ? mismatch('an IP address') : ok(parsed.value);
};

export const port: Shape<number> = whole(0, 65535);

export const endpoint: Shape<Endpoint> = object<Endpoint>({ address, port });

const prefixOfAnyFamily = object<Prefix>({ address, length: whole(0, 128) });

export const prefix: Shape<Prefix> = (value) => {
  const checked = prefixOfAnyFamily(value);
  if (checked.isErr()) return err(checked.error);
  const lengthMax = hostLength(checked.value.address);
  if (checked.value.length <= lengthMax) return checked;
  const expected = `a whole number between 0 and ${lengthMax}`;
  return inside('length', { type: 'shape.mismatch', path: [], expected });
};

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mismatch(expected: string): Err<never, ShapeError> {
  return err({ type: 'shape.mismatch', path: [], expected });
}

function inside(member: string, error: ShapeError): Err<never, ShapeError> {
  return err({ ...error, path: [member, ...error.path] });
}
