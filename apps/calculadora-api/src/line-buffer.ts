import type { Writable } from 'node:stream';

/** Characters that are written together, and milliseconds until the first of them is written at the latest. */
const size = 16_384;
const delay = 100;

/**
 * Writes log lines together: a write for each would cost a third of the throughput. pino's own destination can do that, too,
 * but counts the bytes of all that it holds at each new line, which took more time than making the line.
 */
export class LineBuffer {
  readonly #stream: Pick<Writable, 'write'>;
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Pick<Writable, 'write'>) {
    this.#stream = stream;
  }

  write(line: string): void {
    this.#text += line;
    if (this.#text.length >= size) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), delay);
  }

  /** Writes what there is: at the end of the process, too, as Node writes to pipes and files at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#stream.write(text);
  }
}
