/** ISO 8601 text of a wall time in milliseconds since 1970. */
export function isoTimeOf(wallTimeMs: number): string {
  return new Date(wallTimeMs).toISOString();
}
