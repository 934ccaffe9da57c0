/**
 * For a resource that cannot be deleted while others use it: a change that replaces it creates the new one first. Its name
 * is given as a prefix, because AWS does not accept the same name twice.
 */
export const replacedWhileInUse = { createBeforeDestroy: true } as const;
