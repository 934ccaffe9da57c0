import type { Guard } from '../rights/guard.ts';
import { type Change, type Refusal, type Resource, refusalsOf, type Values, warningsOf } from '../rules/index.ts';

/** Something that Terraform did. */
export interface Event {
  readonly action: 'create' | 'update' | 'delete' | 'read';
  readonly type: string;
  /** The name that the resource was given. Empty if it has none. */
  readonly name: string;
}

/** The rehearsed account: its live resources, and the failures that are planned for it. */
export class Account {
  /** A resource type whose changes fail, or `TYPE/ACTION`, such as `helm_release/delete`. */
  fail = '';
  /** Zones of the region that the account can use, by their letter. */
  zones: readonly string[] = ['a', 'b', 'c'];
  readonly #resources = new Map<string, Resource>();
  readonly #changed = new Map<string, Values>();
  readonly #warnings = new Map<string, Refusal>();
  readonly #observe: (event: Event) => void;
  readonly #guard: Guard | undefined;

  /**
   * @param observe is called for each change and for each data source that is read, in order
   * @param guard refuses what the role in use may not do. Without one, everybody may do everything.
   */
  constructor(observe: (event: Event) => void = () => undefined, guard?: Guard) {
    this.#observe = observe;
    this.#guard = guard;
  }

  /** What exists now. */
  get resources(): readonly Resource[] {
    return [...this.#resources.values()];
  }

  /** The quotas of a new account that its changes have exceeded so far. */
  get warnings(): readonly Refusal[] {
    return [...this.#warnings.values()];
  }

  /** Why AWS would refuse a change now. Also records the quotas that it would exceed. */
  judge(change: Change): Refusal[] {
    for (const warning of warningsOf(change, this.resources)) this.#warnings.set(warning.message, warning);
    return refusalsOf(change, this.resources);
  }

  /** Why the role in use may not make a change. */
  async mayChange(change: Change): Promise<Refusal[]> {
    return (await this.#guard?.change(change, this.resources)) ?? [];
  }

  /** Why the role in use may not read a resource. */
  async mayRead(type: string, values: Values): Promise<Refusal[]> {
    return (await this.#guard?.read(type, values, this.resources)) ?? [];
  }

  /** Why the role in use may not read a data source. */
  async mayReadData(type: string, values: Values): Promise<Refusal[]> {
    return (await this.#guard?.readData(type, values, this.resources)) ?? [];
  }

  failsAt(type: string, action: Event['action']): boolean {
    return this.fail === type || this.fail === `${type}/${action}`;
  }

  put(id: string, resource: Resource): void {
    this.#resources.set(id, resource);
    this.#changed.delete(id);
  }

  delete(id: string): void {
    this.#resources.delete(id);
  }

  /** The live resource of a type that has this name. The key is that of `put`. */
  find(type: string, name: string): { readonly key: string; readonly values: Values } | undefined {
    for (const [key, resource] of this.#resources) {
      const { identifier, name: named } = resource.values;
      if (resource.type === type && [identifier, named].includes(name)) return { key, values: resource.values };
    }
    return undefined;
  }

  /**
   * Changes live resources of a type outside Terraform, which sees it at its next refresh.
   *
   * @param next the arguments that change, by the resource's values
   */
  change(type: string, next: (values: Values) => Values): void {
    for (const [id, resource] of this.#resources) {
      if (resource.type !== type) continue;
      const changed = next(resource.values);
      this.#resources.set(id, { type, values: { ...resource.values, ...changed } });
      this.#changed.set(id, { ...this.#changed.get(id), ...changed });
    }
  }

  /** What has changed outside Terraform since its last change of the resource. */
  changedOutside(id: string): Values | undefined {
    return this.#changed.get(id);
  }

  report(event: Event): void {
    this.#observe(event);
  }
}
