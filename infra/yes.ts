/** The option that skips a confirmation. */
export const yes = { description: { pt: 'não pede confirmação', en: 'does not ask for confirmation' } } as const;

/** Terraform's options for the answer. */
export function confirmed(options: { readonly yes: boolean }): string[] {
  return options.yes ? ['-input=false', '-auto-approve'] : [];
}
