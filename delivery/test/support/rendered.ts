import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from './workflows.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of ten kinds of Kubernetes objects
export type Manifest = Record<string, any>;

/** The objects that kubectl would apply. */
export function render(application: string, environment: string): Manifest[] {
  const overlay = join(root, 'apps', application, 'k8s/overlays', environment);
  const yaml = execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8' });
  return parseAllDocuments(yaml).map((document) => document.toJS());
}
