/** A figure for who reads the run. */
export function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
