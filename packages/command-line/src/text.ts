/** A text in the two languages of the repository. */
export interface Text {
  readonly pt: string;
  readonly en: string;
}

export type Language = keyof Text;

/** A message for the terminal: Portuguese first, English below it. */
export function both(portuguese: string, english: string): string {
  return `${portuguese}\n${english}`;
}

/** The text in one language. A plain string is the same in both. */
export function inLanguage(text: string | Text, language: Language): string {
  return typeof text === 'string' ? text : text[language];
}

/** Such as `24 min 5 s`. */
export function duration(seconds: number): string {
  const rounded = Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  return minutes === 0 ? `${rounded} s` : `${minutes} min ${rounded % 60} s`;
}

/** How a usage names the path of a file. */
export const fileForm: Text = { pt: 'ARQUIVO', en: 'FILE' };
