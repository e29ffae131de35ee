const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `250ms`, `5s`, `1.5s`, `2m`, `1h`; a bare number is milliseconds. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim());
  if (parts === null) return undefined;
  const unit = parts[2] === '' ? 1 : unitMs[parts[2] ?? ''];
  return unit === undefined ? undefined : Number(parts[1]) * unit;
}
