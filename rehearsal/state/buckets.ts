import { createHash } from 'node:crypto';

export interface Version {
  readonly id: string;
  readonly key: string;
  /** Missing in a delete marker. */
  readonly body?: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

/** A versioned bucket in memory. */
export class Bucket {
  readonly #versions = new Map<string, Version[]>();
  #count = 0;

  /** The current version of an object, or a given one. Undefined if there is none, or if the object was deleted. */
  get(key: string, id?: string): Version | undefined {
    const versions = this.#versions.get(key) ?? [];
    const found = id === undefined ? versions.at(-1) : versions.find((version) => version.id === id);
    return found?.body ? found : undefined;
  }

  put(key: string, body: Buffer): Version {
    return this.#add({ key, body, etag: createHash('md5').update(body).digest('hex') });
  }

  /** Adds a delete marker. The older versions stay. */
  delete(key: string): Version {
    return this.#add({ key, etag: '' });
  }

  /** The current objects, by key. */
  list(prefix = ''): Version[] {
    return this.#keys(prefix).flatMap((key) => this.get(key) ?? []);
  }

  /** All versions and delete markers, by key, and the newest first. */
  listVersions(prefix = ''): (Version & { readonly isLatest: boolean })[] {
    return this.#keys(prefix).flatMap((key) =>
      (this.#versions.get(key) ?? []).toReversed().map((version, index) => ({ ...version, isLatest: index === 0 })),
    );
  }

  #keys(prefix: string): string[] {
    return [...this.#versions.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  #add(version: Omit<Version, 'id' | 'modified'>): Version {
    this.#count += 1;
    const added = { ...version, id: `v${this.#count}`, modified: new Date() };
    this.#versions.set(version.key, [...(this.#versions.get(version.key) ?? []), added]);
    return added;
  }
}
