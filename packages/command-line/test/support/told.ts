/** All texts of a program, with samples in the places of what differs, for tests that hold or compare them. */

/**
 * A value whose place in a text one sees, and which is a text in two languages, a list of such texts, a number or a time
 * where one is needed.
 */
const sample = (name: string) => {
  const pt = `«${name} em português»`;
  const en = `«${name} in English»`;
  const one = Object.assign(new String(`«${name}»`), { pt, en });
  return Object.assign([one], { pt, en, toISOString: () => `«${name}»` });
};

/** The names of a function's parameters, those with a default included. */
const parametersOf = (given: (...args: never[]) => unknown): string[] =>
  (/^\(?(.*?)\)?\s*=>/s.exec(String(given))?.[1] ?? '')
    .split(',')
    .map((name) => name.replace(/=.*$/s, '').trim())
    .filter(Boolean);

/** Each text by its path, with samples for what it takes. */
export function told(path: string, given: unknown): [path: string, text: string][] {
  if (typeof given === 'string') return [[path, given]];
  if (typeof given === 'function') {
    const names = parametersOf(given as () => unknown);
    const all = told(`${path}(${names.join(', ')})`, given(...names.map(sample)));
    const [[, text = ''] = []] = all;
    // What is not in the text is a choice, which has another side.
    const others = names
      .filter((name) => !text.includes(`«${name}`))
      .flatMap((choice) => {
        const values = names.map((name) => (name === choice ? '' : sample(name)));
        const shown = names.map((name) => (name === choice ? `no ${name}` : name));
        return told(`${path}(${shown.join(', ')})`, given(...(values as never[])));
      });
    return [...all, ...others.filter(([, other]) => other !== text)];
  }
  return Object.entries(given as object).flatMap(([name, value]) =>
    told(path === '' ? name : `${path}.${name}`, value),
  );
}

export const shown = (path: string, text: string) => `${path}\n${text.replaceAll(/^/gm, '    ')}`;
