import { readFile } from 'node:fs/promises';
import type { Surroundings } from '../api/agent-location.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { systemErrorCode } from '../runtime/system-error.ts';
import type { AgentConfig } from './agent-config.ts';
import type { ConfigLayer } from './config-schema.ts';
import { checkSettings, environmentSettings, resolveConfig } from './resolve-config.ts';
import { flagSettings, type UpFlags } from './up-flags.ts';

/** All settings together. Throws FogataError `config`, one line for each problem. */
export async function loadConfig(
  flags: UpFlags & { readonly config?: string },
  surroundings: Surroundings,
): Promise<AgentConfig> {
  const { config, ...settings } = flags;
  const file = config ?? surroundings.env['FOGATA_CONFIG'];
  const layers = [
    checkSettings(flagSettings(settings)),
    file ? await readLayer(file) : {},
    checkSettings(environmentSettings(surroundings.env)),
  ];
  return resolveConfig(layers, surroundings);
}

async function readLayer(file: string): Promise<ConfigLayer> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FogataError('config', `${file}: ${readFailure(error)}`, { cause: error });
  }
  // Who has no file needs no YAML.
  const { parseConfigFile } = await import('./config-file.ts');
  return parseConfigFile(file, text);
}

function readFailure(error: unknown): string {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      return 'no such file; give another --config, or none';
    case 'EACCES':
      return 'no permission to read it';
    case 'EISDIR':
      return 'is a directory, not a configuration file';
    default:
      return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
