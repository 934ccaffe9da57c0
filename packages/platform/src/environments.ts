export const environmentNames = ['dev', 'prd'] as const;
export type EnvironmentName = (typeof environmentNames)[number];
