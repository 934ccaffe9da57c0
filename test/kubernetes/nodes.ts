/** Kubernetes on this machine, for tests: see README.md. */

/**
 * `simulated`: three nodes in three zones. Their pods are ready at once and run nothing. `real`: one node that runs
 * images.
 */
export type Nodes = 'simulated' | 'real';

/** A running cluster. */
export interface Kubernetes {
  /** Where it runs, for people. */
  readonly place: string;
  /** Environment variables for kubectl and other programs that use the cluster. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}
