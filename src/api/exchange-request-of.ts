import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import { type Address, parseAddress } from '../protocol/address.ts';
import { type Body, toBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax, deadlineMsMin } from '../protocol/limits.ts';
import { checkCommand, checkName, isCommand } from '../protocol/names.ts';
import { checkParams } from './check-params.ts';
import type { MessageOptions, Params } from './outcome.ts';
import { wishesOf } from './wishes-of.ts';

/** Longer than people wait, shorter than they forget. */
const deadlineMsDefault = 10_000;

const noParams: Params = Object.freeze({});
const noBody: Body = toBody(undefined);

/** What a program asked for, checked. Throws FogataError `invalid` or `too-large`, naming the thing and the rule. */
export function exchangeRequestOf(
  address: string,
  command: string,
  options: MessageOptions | undefined,
  verb: 'call' | 'send' | 'publish' | 'open',
): ExchangeRequest {
  const to = addressOf(address, verb);
  if (typeof command !== 'string' || !isCommand(command)) throw badCommand(command);
  const replyWanted = verb === 'call';
  if (options === undefined) {
    return {
      id: undefined,
      to,
      command,
      params: noParams,
      bodyKind: noBody.kind,
      body: noBody.bytes,
      replyWanted,
      idempotent: false,
      deadlineMs: deadlineMsDefault,
      fromService: '',
    };
  }
  const body = options.body === undefined ? noBody : toBody(options.body);
  return {
    id: undefined,
    to,
    command,
    params: options.params === undefined ? noParams : checkParams(options.params),
    bodyKind: body.kind,
    body: body.bytes,
    replyWanted,
    idempotent: options.idempotent === true,
    deadlineMs: deadlineOf(options.deadlineMs),
    fromService: fromOf(options.from),
    ...wishesOf(options, verb),
  };
}

function addressOf(text: unknown, verb: 'call' | 'send' | 'publish' | 'open'): Address {
  if (typeof text !== 'string') throw new FogataError('invalid', 'the address is no text: "crm" or "crm@db1"');
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new FogataError('invalid', `address: ${parsed.reason}`);
  const { service, node, labels } = parsed.address;
  if (verb !== 'publish') {
    if (node !== '*') return parsed.address;
    throw new FogataError('invalid', `${verb} reaches one instance: publish to "${service}" to reach every one`);
  }
  if (node === '' || node === '*') return { service, node: '*', ...(labels === undefined ? {} : { labels }) };
  throw new FogataError('invalid', `publish reaches every instance: send to "${text}" to reach the one on ${node}`);
}

function deadlineOf(deadlineMs: number | undefined): number {
  if (deadlineMs === undefined) return deadlineMsDefault;
  if (typeof deadlineMs === 'number' && deadlineMs >= deadlineMsMin && deadlineMs <= deadlineMsMax) return deadlineMs;
  throw new FogataError('invalid', `deadlineMs is ${deadlineMsMin} to ${deadlineMsMax} (a day), not ${deadlineMs}`);
}

function fromOf(from: string | undefined): string {
  if (from === undefined || from === '') return '';
  const wrong = checkName(from);
  if (wrong !== undefined) throw new FogataError('invalid', `from: ${wrong}`);
  return from;
}

function badCommand(command: unknown): FogataError {
  const wrong = typeof command === 'string' ? checkCommand(command) : 'a command is a text';
  return new FogataError('invalid', `command: ${wrong ?? 'a command is a text'}`);
}
