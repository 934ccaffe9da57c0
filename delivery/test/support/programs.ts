import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Stand-ins for the programs of AWS, GitHub and Kubernetes, in a folder that comes first on the PATH. */
export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), 'programs-'));
  readonly env = { PATH: `${this.folder}${delimiter}${process.env.PATH}` };

  /** Adds or replaces a program that is a shell script. */
  shell(name: string, script: string): this {
    writeFileSync(join(this.folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return this;
  }

  /** Adds or replaces a program of Node, a CommonJS module. Its arguments begin at `process.argv[2]`. */
  node(name: string, module: string): this {
    writeFileSync(join(this.folder, `${name}.cjs`), module);
    return this.shell(name, `exec ${process.execPath} ${this.folder}/${name}.cjs "$@"`);
  }

  /** The content of a file in the folder, such as one that a program wrote. */
  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}
