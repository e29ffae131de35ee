import { FogataError } from '../protocol/fogata-error.ts';
import type { NamedSettings } from './resolve-config.ts';

/** The options of `fogata up` as the command line gives them. */
export interface UpFlags {
  readonly name?: string;
  readonly cluster?: string;
  readonly open?: boolean;
  readonly port?: string;
  readonly http?: string;
  readonly socket?: string;
  readonly data?: string;
  readonly seed?: readonly string[];
  readonly advertise?: readonly string[];
  readonly profile?: string;
  readonly detectWithin?: string;
  readonly serve?: readonly string[];
}

/** What is called otherwise on the command line than in the file. */
const unlike: Readonly<Record<string, string>> = { seeds: '--seed', detectWithin: '--detect-within' };

/** The same settings under the names of the configuration file. Throws FogataError `config`. */
export function flagSettings(flags: UpFlags): NamedSettings {
  const { seed, serve, port, http, ...same } = flags;
  const settings = {
    ...same,
    ...(port === undefined ? {} : { port: numberOrText(port) }),
    ...(http === undefined ? {} : { http: numberOrText(http) }),
    ...(seed === undefined || seed.length === 0 ? {} : { seeds: seed }),
    ...(serve === undefined || serve.length === 0 ? {} : { serve: servedByName(serve) }),
  };
  return { settings, nameOf: (key) => unlike[key] ?? `--${key}` };
}

function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function servedByName(given: readonly string[]): Record<string, string> {
  const targets = new Map<string, string>();
  for (const text of given) {
    const at = text.indexOf('=');
    if (at < 1) {
      const shown = JSON.stringify(text);
      throw new FogataError(
        'config',
        `--serve: expected SERVICE=URL such as crm=http://127.0.0.1:8080, found ${shown}`,
      );
    }
    const service = text.slice(0, at);
    if (targets.has(service)) throw new FogataError('config', `--serve: "${service}" is given twice`);
    targets.set(service, text.slice(at + 1));
  }
  return Object.fromEntries(targets);
}
