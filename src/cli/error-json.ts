import type { FogataError } from '../protocol/fogata-error.ts';
import { errorCures } from './error-cures.ts';

/** What a verb says of its failure under `--json`: one object on standard error, which has nothing else then. */
export function errorJson({ code, message, retryable }: FogataError): string {
  return JSON.stringify({ error: { code, message, retryable, cure: errorCures[code] } });
}
