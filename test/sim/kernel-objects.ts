// Routes, rules and interfaces of a simulated kernel, with a log of everything that is asked, the
// addresses of a simulated kernel included.
import { err, ok, type Result } from 'neverthrow';
import { formatPrefix, type Prefix } from '../../src/net/prefix.js';
import type { AddressRequest, KernelError } from '../../src/ports/kernel.js';
import type {
  FoundLink,
  KernelObjects,
  KernelRoute,
  KernelRule,
  ObjectNews,
  VirtualLink,
} from '../../src/ports/kernel-objects.js';
import { SimulatedKernel } from './kernel.js';

type Outcome = Promise<Result<void, KernelError>>;

export class SimulatedKernelObjects implements KernelObjects {
  /** "put route 10.0.0.0/8", "remove rule 50" … */
  readonly asked: string[] = [];
  readonly links: FoundLink[] = [];
  /** What begins with one of these is refused. */
  readonly refused: string[] = [];
  #watchers: ((news: ObjectNews) => void)[] = [];

  tell(news: ObjectNews): void {
    for (const heard of this.#watchers) heard(news);
  }

  putRoute(route: KernelRoute, replaces: boolean): Outcome {
    return this.#ask(`${replaces ? 'replace' : 'put'} route ${formatPrefix(route.destination)}`);
  }

  removeRoute(route: KernelRoute): Outcome {
    return this.#ask(`remove route ${formatPrefix(route.destination)}`);
  }

  putRule(rule: KernelRule): Outcome {
    return this.#ask(`put rule ${rule.priority}`);
  }

  removeRule(rule: KernelRule): Outcome {
    return this.#ask(`remove rule ${rule.priority}`);
  }

  foundLinks(): Promise<Result<readonly FoundLink[], KernelError>> {
    return Promise.resolve(ok([...this.links]));
  }

  makeLink({ name, parent, kind }: VirtualLink): Outcome {
    const below = this.links.find((link) => link.name === parent)?.index ?? null;
    const mac = kind.type === 'macvlan' ? kind.mac : null;
    const index = 100 + this.links.length;
    this.links.push({ index, name, kind: kind.type, parentIndex: below, mac });
    return this.#ask(`make ${kind.type} ${name} on ${parent}`);
  }

  takeLinkUp(name: string): Outcome {
    return this.#ask(`take ${name} up`);
  }

  async removeLinks(names: readonly string[]): Outcome {
    const answers = [];
    for (const name of names) {
      const at = this.links.findIndex((link) => link.name === name);
      if (at >= 0) this.links.splice(at, 1);
      answers.push(await this.#ask(`remove ${name}`));
    }
    return answers.find((answer) => answer.isErr()) ?? ok(undefined);
  }

  watchObjects(heard: (news: ObjectNews) => void): Result<() => void, KernelError> {
    this.#watchers.push(heard);
    return ok(() => {
      this.#watchers = this.#watchers.filter((one) => one !== heard);
    });
  }

  #ask(action: string): Outcome {
    this.asked.push(action);
    if (!this.refused.some((start) => action.startsWith(start))) {
      return Promise.resolve(ok(undefined));
    }
    return Promise.resolve(err({ type: 'kernel.failed', action, reason: 'refused' }));
  }
}

/** Writes its part of the log. */
export class LoggedKernel extends SimulatedKernel {
  readonly #asked: string[];

  constructor(asked: string[]) {
    super();
    this.#asked = asked;
  }

  override putAddress(request: AddressRequest): Outcome {
    const { interface: device, prefix, validSeconds } = request;
    const lifetime = validSeconds === null ? '' : ` for ${validSeconds} s`;
    this.#asked.push(`put ${formatPrefix(prefix)} on ${device}${lifetime}`);
    return super.putAddress(request);
  }

  override removeAddress(device: string, prefix: Prefix): Outcome {
    this.#asked.push(`remove ${formatPrefix(prefix)} from ${device}`);
    return super.removeAddress(device, prefix);
  }
}
