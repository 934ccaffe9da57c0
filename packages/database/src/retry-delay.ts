const firstRetry = 250;
const longestRetry = 5_000;

/** Milliseconds until the next attempt: exponential backoff with jitter. */
export function retryDelay(attempt: number): number {
  const longest = Math.min(firstRetry * 2 ** attempt, longestRetry);
  // Jitter spreads out replicas that lost the database at the same moment.
  return Math.round(longest * (0.5 + Math.random() / 2));
}
