import { FogataError } from '../protocol/fogata-error.ts';
import type { NamedSettings } from './resolve-config.ts';

/** The options of `fogata up` as the command line gives them. */
export interface UpFlags {
  readonly name?: string;
  readonly cluster?: string;
  readonly open?: boolean;
  readonly port?: string;
  readonly http?: string;
  readonly dns?: string;
  readonly socket?: string;
  readonly data?: string;
  readonly seed?: readonly string[];
  readonly advertise?: readonly string[];
  readonly profile?: string;
  readonly detectWithin?: string;
  readonly serve?: readonly string[];
  readonly check?: readonly string[];
}

/** What is called otherwise on the command line than in the file. */
const unlike: Readonly<Record<string, string>> = { seeds: '--seed', detectWithin: '--detect-within' };

/** The same settings under the names of the configuration file. Throws FogataError `config`. */
export function flagSettings(flags: UpFlags): NamedSettings {
  const { seed, serve, check, port, http, dns, ...same } = flags;
  const settings = {
    ...same,
    ...(port === undefined ? {} : { port: numberOrText(port) }),
    ...(http === undefined ? {} : { http: numberOrText(http) }),
    ...(dns === undefined ? {} : { dns: numberOrText(dns) }),
    ...(seed === undefined || seed.length === 0 ? {} : { seeds: seed }),
    ...((serve ?? check ?? []).length === 0 ? {} : { serve: servedByName(serve ?? [], checksByName(check ?? [])) }),
  };
  return { settings, nameOf: (key, path) => (path.includes('checks') ? '--check' : (unlike[key] ?? `--${key}`)) };
}

function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

type ServedSetting = string | { readonly url: string; readonly checks: readonly unknown[] };

function servedByName(
  given: readonly string[],
  checks: ReadonlyMap<string, readonly unknown[]>,
): Record<string, ServedSetting> {
  const targets = new Map<string, ServedSetting>();
  for (const text of given) {
    const [service, url] = split('--serve', text, 'SERVICE=URL such as crm=http://127.0.0.1:8080');
    if (targets.has(service)) throw new FogataError('config', `--serve: "${service}" is given twice`);
    const ofService = checks.get(service);
    targets.set(service, ofService === undefined ? url : { url, checks: ofService });
  }
  for (const service of checks.keys()) {
    if (targets.has(service)) continue;
    throw new FogataError('config', `--check: there is no --serve ${service}=URL beside it`);
  }
  return Object.fromEntries(targets);
}

/** Commands are not among them: what is to be run stands in a file whose owner is known. */
function checksByName(given: readonly string[]): Map<string, unknown[]> {
  const checks = new Map<string, unknown[]>();
  for (const text of given) {
    const [service, what] = split('--check', text, 'SERVICE=PATH such as crm=/health, SERVICE=tcp or SERVICE=grpc');
    const check = what === 'tcp' || what === 'grpc' ? { [what]: true } : what;
    checks.set(service, [...(checks.get(service) ?? []), check]);
  }
  return checks;
}

function split(flag: string, text: string, expected: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at >= 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new FogataError('config', `${flag}: expected ${expected}, found ${JSON.stringify(text)}`);
}
