import type { Commands } from 'command-line';

/** The commands of `pnpm delivery`, in the order of its usage. */
export const commands: Commands = {
  changes: () => import('./commands/changes.ts'),
  preflight: () => import('./commands/preflight.ts'),
  plan: () => import('./commands/plan.ts'),
  apply: () => import('./commands/apply.ts'),
  'compare-costs': () => import('./commands/compare-costs.ts'),
  comment: () => import('./commands/comment.ts'),
  tell: () => import('./commands/tell.ts'),
  supersede: () => import('./commands/supersede.ts'),
  drift: () => import('./commands/drift.ts'),
  propose: () => import('./commands/propose.ts'),
  settings: () => import('./commands/settings.ts'),
  await: () => import('./commands/await.ts'),
  connect: () => import('./commands/connect.ts'),
  image: () => import('./commands/image.ts'),
  waivers: () => import('./commands/waivers.ts'),
  accept: () => import('./commands/accept.ts'),
  release: () => import('./commands/release.ts'),
  rollback: () => import('./commands/rollback.ts'),
  versions: () => import('./commands/versions.ts'),
  smoke: () => import('./commands/smoke.ts'),
};
