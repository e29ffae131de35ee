import { type ParseArgsConfig, parseArgs } from 'node:util';

const number = /^\d+(\.\d+)?$/;

/**
 * The options of a bench. What is wrong with them is told in one line, with `usage`, and ends the process with exit code 2. Where
 * an option's default is a number, so is what is given.
 */
export function optionsOf<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  return orUsage(usage, () => {
    const parsed = parseArgs(config);
    for (const [name, { default: usual }] of Object.entries(config.options ?? {})) {
      const given = (parsed.values as Readonly<Record<string, unknown>>)[name];
      if (typeof usual === 'string' && number.test(usual) && !number.test(String(given))) {
        throw new Error(`--${name} is a number, not ${JSON.stringify(given)}`);
      }
    }
    return parsed;
  });
}

/** What `read` throws is misuse. */
export function orUsage<Read>(usage: string, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`${line}\nusage: ${usage}\n`);
    process.exit(2);
  }
}
