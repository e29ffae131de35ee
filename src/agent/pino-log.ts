import type { pino as Pino } from 'pino';
import type { Log, LogFields } from '../runtime/log.ts';
import type { AgentConfig } from './agent-config.ts';

const standardError = 2;

/** Writes to standard error: for people on a terminal, else a line of JSON for each entry. */
export async function createPinoLog({ level, format }: AgentConfig['log'], isTerminal: boolean): Promise<Log> {
  const { pino } = await import('pino');
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  };
  // Written at once: what a process says last is what matters most.
  const logger = isPretty ? pino(options, await prettyStream(isTerminal)) : pino(options, plainStream(pino));
  return {
    debug: (message, fields) => logger.debug(fields ?? none, message),
    info: (message, fields) => logger.info(fields ?? none, message),
    warn: (message, fields) => logger.warn(fields ?? none, message),
    error: (message, fields) => logger.error(fields ?? none, message),
  };
}

const none: LogFields = {};

function plainStream(pino: typeof Pino) {
  const stream = pino.destination({ dest: standardError, sync: true });
  // An entry that a full disk does not take is lost; the agent is not.
  stream.on('error', () => undefined);
  return stream;
}

async function prettyStream(isTerminal: boolean) {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: standardError,
    sync: true,
    colorize: isTerminal && !process.env['NO_COLOR'],
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    ignore: 'pid,hostname',
  });
}
