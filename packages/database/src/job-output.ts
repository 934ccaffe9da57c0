/** Writes a line to the log of a job. */
export function log(msg: string): void {
  console.log(JSON.stringify({ level: 30, time: Date.now(), msg }));
}

/** Ends a job's process with a one-line error, which Kubernetes shows in the pod's status. */
export function fail({ message, cause }: Error): never {
  const why = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
  console.error(`${message}${why}`);
  process.exit(1);
}
