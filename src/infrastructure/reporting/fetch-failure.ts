/** Why a `fetch` failed, for the log. Its own words hold no address, whose user part may be a key; what is wrong stands in their cause. */
export function fetchFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name === 'TimeoutError' ? 'no answer in time' : error.message;
}
