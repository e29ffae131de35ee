import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import { type Body, toBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax, deadlineMsMin } from '../protocol/limits.ts';
import { checkName } from '../protocol/names.ts';
import { noTexts } from '../protocol/text-record.ts';
import { checkParams, isObject } from './check-params.ts';
import { checkSignal } from './check-signal.ts';
import { KnownNames, type Verb } from './known-names.ts';
import type { MessageOptions } from './outcome.ts';
import { hasWishes, wishesOf } from './wishes-of.ts';

/** Longer than people wait, shorter than they forget. */
const deadlineMsDefault = 10_000;

const noBody: Body = toBody(undefined);

/** What a program asked for, checked. Throws FogataError `invalid` or `too-large`, naming the thing and the rule. */
export function exchangeRequestOf(
  address: string,
  command: string,
  options: MessageOptions | undefined,
  verb: Verb,
  names: KnownNames = new KnownNames(),
): ExchangeRequest {
  const to = names.address(address, verb);
  const checked = names.command(command);
  if (options !== undefined && !isObject(options)) {
    throw new FogataError('invalid', 'options are an object: { body: "hello" } says hello');
  }
  checkSignal(options?.signal);
  const body = options?.body === undefined ? noBody : toBody(options.body);
  const request: ExchangeRequest = {
    id: undefined,
    to,
    command: checked,
    params: options?.params === undefined ? noTexts : checkParams(options.params),
    bodyKind: body.kind,
    body: body.bytes,
    replyWanted: verb === 'call',
    idempotent: options?.idempotent === true,
    deadlineMs: deadlineOf(options?.deadlineMs),
    fromService: fromOf(options?.from),
  };
  return options === undefined || !hasWishes(options) ? request : { ...request, ...wishesOf(options, verb) };
}

function deadlineOf(deadlineMs: number | undefined): number {
  if (deadlineMs === undefined) return deadlineMsDefault;
  if (typeof deadlineMs === 'number' && deadlineMs >= deadlineMsMin && deadlineMs <= deadlineMsMax) return deadlineMs;
  throw new FogataError('invalid', `deadlineMs is ${deadlineMsMin} to ${deadlineMsMax} (a day), not ${deadlineMs}`);
}

function fromOf(from: string | undefined): string {
  if (from === undefined || from === '') return '';
  const wrong = typeof from === 'string' ? checkName(from) : 'a name is a text';
  if (wrong !== undefined) throw new FogataError('invalid', `from: ${wrong}`);
  return from;
}
