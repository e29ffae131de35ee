import type { Command } from 'commander';
import { parseDuration } from '../agent/parse-duration.ts';
import { exchangeRequestOf } from '../api/exchange-request-of.ts';
import type { MessageOptions, Params } from '../api/outcome.ts';
import type { BodyValue, JsonValue } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { bodyBytesMax, deadlineMsMax, deadlineMsMin } from '../protocol/limits.ts';
import { fileErrorText } from '../runtime/system-error.ts';
import { readAtMost } from './read-at-most.ts';
import { stickyText, strategyOptionsOf, strategyText } from './strategy-arguments.ts';

/** The options of `call`, `send` and `publish`. */
export interface MessageFlags {
  readonly body?: string;
  readonly bodyJson?: string;
  readonly deadline?: string;
  readonly idempotent?: boolean;
  readonly from?: string;
  readonly strategy?: string;
  readonly sticky?: string;
  readonly hedge?: string | true;
  readonly explain?: boolean;
}

const examples: Readonly<Record<string, string>> = {
  call: `
Examples:
  fogata call crm PING
  fogata call 'crm[version=2]' PING --explain
  fogata call crm@db1 lead/create name=Ana --body-json @lead.json --deadline 2s --json`,
  send: `
Examples:
  fogata send crm NOTE --body 'lunch is ready'
  date | fogata send log line --body -`,
  publish: `
Examples:
  fogata publish crm RELOAD`,
};

/** One way in for all three verbs: `fogata call crm PING a=1 b=2 --body @file`. */
export function withMessageArguments(command: Command, address: string): Command {
  const isChosen = address !== '<service>';
  const whom = isChosen
    ? 'whom: crm, crm@NODE for the one on that node, or crm[version=2] for those with that label'
    : 'whom: crm, or crm[version=2] for those with that label';
  command
    .argument(address, whom)
    .argument('<command>', 'what, such as PING or lead/create')
    .argument('[params...]', 'parameters, NAME=VALUE')
    .option('--body <text>', 'body: TEXT, @FILE, or - for standard input')
    .option('--body-json <json>', 'body as JSON: JSON, @FILE, or -')
    .option('--deadline <time>', 'time for all of it, such as 500ms, 5s or 2m (default: 10s)')
    .option('--idempotent', 'doing it twice does no harm: try again also when it may have been done')
    .option('--from <service>', 'the service in whose name this is said')
    .addHelpText('after', examples[command.name()] ?? '');
  return isChosen ? withChoice(command) : command;
}

/** Who reaches all has nothing to choose. */
function withChoice(command: Command): Command {
  return command
    .option('--strategy <name>', strategyText)
    .option('--sticky <key>', stickyText)
    .option(
      '--hedge [time]',
      'with --idempotent: a copy to another instance after this time, or when most have answered',
    )
    .option('--explain', 'tell how each instance was chosen');
}

function hedgeOf(time: string | true): true | number {
  if (time === true) return true;
  const ms = parseDuration(time);
  if (ms !== undefined) return ms;
  throw new FogataError('invalid', `--hedge is a time such as 50ms, or nothing, found ${JSON.stringify(time)}`);
}

/** Throws FogataError `invalid`, naming the argument. */
export function messageOptionsOf(params: readonly string[], flags: MessageFlags): MessageOptions {
  if (flags.body !== undefined && flags.bodyJson !== undefined) {
    throw new FogataError('invalid', 'a message has one body: --body or --body-json, not both');
  }
  const body = bodyOf(flags);
  return {
    params: paramsOf(params),
    ...(body === undefined ? {} : { body }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: deadlineOf(flags.deadline) }),
    ...(flags.idempotent === true ? { idempotent: true } : {}),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...strategyOptionsOf(flags),
    ...(flags.hedge === undefined ? {} : { hedge: hedgeOf(flags.hedge) }),
    ...(flags.explain === true ? { explain: true } : {}),
  };
}

/**
 * What the mesh would say of it, before any agent is asked: a slip is a slip also where there is none. Throws FogataError
 * `invalid` or `too-large`.
 */
export function checkMessage(
  address: string,
  command: string,
  options: MessageOptions,
  verb: 'call' | 'send' | 'publish',
): void {
  exchangeRequestOf(address, command, options, verb);
}

/** `a=1`: the name ends at the first `=`; the value may hold more of them. */
export function paramsOf(texts: readonly string[]): Params {
  const params = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new FogataError('invalid', `a parameter is NAME=VALUE, found ${JSON.stringify(text)}`);
    const name = text.slice(0, at);
    if (params.has(name)) throw new FogataError('invalid', `parameter ${JSON.stringify(name)} is given twice`);
    params.set(name, text.slice(at + 1));
  }
  return Object.fromEntries(params);
}

function bodyOf({ body, bodyJson }: MessageFlags): BodyValue {
  if (bodyJson !== undefined) return jsonOf(Buffer.from(contentOf(bodyJson)).toString('utf8'));
  if (body === undefined) return undefined;
  const content = contentOf(body);
  return typeof content === 'string' ? content : textOrBytes(content);
}

function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text, refuseInfinite) as JsonValue;
  } catch (error) {
    if (error instanceof FogataError) throw error;
    throw new FogataError('invalid', `--body-json is no JSON: ${FogataError.from(error).message}`);
  }
}

/** Numbers here have 64 bits. What is too large for them would be written as null. */
function refuseInfinite(_name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new FogataError('invalid', '--body-json: a number in it is too large, above 1.8e308; send it as a text');
}

/** JSON may be much longer as it is written by people than as it is sent. */
const contentBytesMax = 16 * bodyBytesMax;

/** `@FILE` and `-` are read; all else is the text itself. */
function contentOf(argument: string): string | Uint8Array {
  if (argument !== '-' && !argument.startsWith('@')) return argument;
  const what = argument === '-' ? 'standard input' : argument.slice(1);
  let content: Uint8Array | undefined;
  try {
    content = readAtMost(argument === '-' ? 0 : argument.slice(1), contentBytesMax);
  } catch (error) {
    throw new FogataError('invalid', `cannot read ${what}: ${fileErrorText(error)}`);
  }
  if (content !== undefined) return content;
  throw new FogataError('too-large', `cannot read ${what}: it has more than ${contentBytesMax} bytes`);
}

/** A text where it is one, so that receivers need not decode it. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

function deadlineOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= deadlineMsMin && ms <= deadlineMsMax) return ms;
  const what = ms === undefined ? 'a time such as 500ms, 5s or 2m' : 'from 1ms to 24h';
  throw new FogataError('invalid', `--deadline is ${what}, found ${JSON.stringify(text)}`);
}
