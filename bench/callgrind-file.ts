// callgrind's output file, as far as our counts need it: the instructions of every function itself,
// without what it calls. https://valgrind.org/docs/manual/cl-format.html. Recordings of jumps, and
// files of several parts or threads are not read.

export type Profile = {
  readonly instructions: number;
  /**
   * What the compiler inlined into a function from a header counts apart, as `function (header.h)`.
   * Code without a name counts under its library's.
   */
  readonly functions: ReadonlyMap<string, number>;
};

/** Names come once as `(7) name` and then as `(7)`. */
class Names {
  readonly #byId = new Map<string, string>();

  resolve(text: string): string {
    const [, id, name] = /^\((\d+)\)(?: (.*))?$/.exec(text) ?? [];
    if (id === undefined) return text;
    if (name !== undefined) this.#byId.set(id, name);
    return this.#byId.get(id) ?? '';
  }
}

class Reader {
  readonly #objects = new Names();
  readonly #files = new Names();
  readonly #functions = new Names();
  readonly #costs = new Map<string, number>();
  #object = '';
  #file = '';
  #function = '';
  #positions = 1;
  #column = 0;
  #stated: number | undefined;
  /** The line after `calls=` is the cost of what was called. */
  #isOfCallee = false;

  read(text: string): Profile {
    for (const [index, line] of text.split('\n').entries()) {
      if (line !== '' && !line.startsWith('#') && !this.#line(line)) {
        throw new Error(`line ${index + 1} of callgrind's file is not understood: ${line}`);
      }
    }
    const instructions = [...this.#costs.values()].reduce((sum, cost) => sum + cost, 0);
    if (instructions !== this.#stated) {
      const stated = this.#stated ?? 'no total';
      throw new Error(`callgrind's file adds up to ${instructions}, but states ${stated}`);
    }
    return { instructions, functions: this.#costs };
  }

  #line(line: string): boolean {
    if (/^[-+*\d]/.test(line)) return this.#cost(line);
    const [, header, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (header !== undefined) return this.#header(header, value);
    const [, key, name = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return key !== undefined && this.#record(key, name);
  }

  #header(header: string, value: string): boolean {
    if (header === 'positions') this.#positions = value.split(' ').length;
    if (header === 'events') this.#column = value.split(' ').indexOf('Ir');
    if (header === 'summary' || header === 'totals') {
      this.#stated = Number(value.split(' ')[this.#column]);
    }
    return true;
  }

  #record(key: string, name: string): boolean {
    if (key === 'ob') this.#object = this.#objects.resolve(name);
    else if (key === 'cob') this.#objects.resolve(name);
    else if (/^f[lie]$/.test(key)) this.#file = this.#files.resolve(name);
    else if (/^cf[il]$/.test(key)) this.#files.resolve(name);
    else if (key === 'fn') this.#function = this.#functions.resolve(name);
    else if (key === 'cfn') this.#functions.resolve(name);
    else if (key === 'calls') this.#isOfCallee = true;
    else return false;
    return true;
  }

  #cost(line: string): boolean {
    const cost = Number(line.split(' ')[this.#positions + this.#column] ?? 0);
    if (this.#isOfCallee) this.#isOfCallee = false;
    else if (cost > 0) this.#costs.set(this.#name(), (this.#costs.get(this.#name()) ?? 0) + cost);
    return Number.isFinite(cost);
  }

  #name(): string {
    if (/^0x[0-9a-f]+$/.test(this.#function)) return lastPart(this.#object);
    // Which copies of a function the compiler makes is its own affair; so are marks on recursion.
    const name = this.#function.replace(/(\.(part|constprop|isra|cold)(\.\d+)?|'\d+)+$/, '');
    return this.#file.endsWith('.h') ? `${name} (${lastPart(this.#file)})` : name;
  }
}

export function readCallgrindFile(text: string): Profile {
  return new Reader().read(text);
}

/** Of a library's path the name without its version. */
function lastPart(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.so\..*$/, '.so');
}
