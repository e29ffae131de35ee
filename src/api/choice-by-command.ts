import { FogataError } from '../protocol/fogata-error.ts';
import { isCommand } from '../protocol/names.ts';

/**
 * The handler of a command: one function for all, or what a table says, with `*` for the rest. Throws FogataError `invalid`
 * for an entry that is no command or no function. An empty table knows no command.
 */
export function choiceByCommand<Handler extends (given: never) => unknown>(
  served: Handler | Readonly<Record<string, Handler>>,
): (command: string) => Handler | undefined {
  if (typeof served === 'function') return () => served;
  const table = new Map<string, Handler>();
  for (const [command, handler] of Object.entries(served)) {
    if (command !== '*' && !isCommand(command)) {
      const shown = JSON.stringify(command);
      throw new FogataError('invalid', `${shown} in the table is no command: A-Z a-z 0-9 . _ / - only`);
    }
    if (typeof handler !== 'function') throw new FogataError('invalid', `the handler of ${command} is no function`);
    table.set(command, handler);
  }
  const rest = table.get('*');
  return (command) => table.get(command) ?? rest;
}
