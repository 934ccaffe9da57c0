/** Kubernetes on this machine, for tests: see README.md. */

/**
 * `simulated`: three nodes in three zones. Their pods are ready at once and run nothing. `real`: one node that runs
 * images. `two-real`: a second one beside it on the same machine, in another zone, which can be lost.
 */
export type Nodes = 'simulated' | 'real' | 'two-real';

/** A running cluster. */
export interface Kubernetes {
  /** Where it runs, for people. */
  readonly place: string;
  /** Environment variables for kubectl and other programs that use the cluster. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent if other programs than ours run the cluster. */
  readonly faults?: Faults;
  stop(): Promise<void>;
}

/** Faults that a test may cause. */
export interface Faults {
  /** Kills a program of the cluster, such as `kubelet` or `kube-apiserver`. What it has started lives on. */
  end(program: string): Promise<void>;
  /** Starts a program again as it was. */
  start(program: string): Promise<void>;
  /** Kills the second node: its programs, and everything that runs on it. */
  lose(): Promise<void>;
  /** A new node joins in place of the lost one, under the same name. */
  join(): Promise<void>;
}
