/** An error in few words for a status: its system code where it has one (`ENETUNREACH`), else its message. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
