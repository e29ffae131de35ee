import type { ProvideOptions } from '../delivery/provider.ts';
import { isLabelName } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { labelBytesMax, labelsMax } from '../protocol/limits.ts';
import { parseSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Params } from './outcome.ts';
import type { ServeOptions } from './serve.ts';

const weightDefault = 100;
const weightOfServiceMax = 1_000;
const inFlightDefault = 1_024;
const inFlightOfServiceMax = 65_536;
const messagesOnly = { messages: true, http: false, streams: false } as const;
/** Shorter ones would find out how busy the host is, not whether the program works; longer ones nothing of use. */
export const heartbeatMsMin = 100;
export const heartbeatMsMax = 86_400_000;

/** Throws FogataError `invalid`, naming the option and its bounds. */
export function provideOptionsOf(
  options: Omit<ServeOptions, 'onStream' | 'onMissed'>,
  kinds: ProvideOptions['kinds'] = messagesOnly,
): ProvideOptions {
  return {
    kinds,
    weight: whole('weight', options.weight ?? weightDefault, weightOfServiceMax),
    labels: labelsOf(options.labels ?? {}),
    inFlightMax: whole('inFlightMax', options.inFlightMax ?? inFlightDefault, inFlightOfServiceMax),
    heartbeatWithinMs: heartbeatOf(options.heartbeatWithinMs),
    endpoint: endpointOf(options.endpoint),
  };
}

function whole(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new FogataError('invalid', `${name} is a whole number from 1 to ${max}, not ${value}`);
}

function heartbeatOf(ms: number | undefined): number | undefined {
  if (ms === undefined || (ms >= heartbeatMsMin && ms <= heartbeatMsMax)) return ms;
  throw new FogataError('invalid', `heartbeatWithinMs is ${heartbeatMsMin} to ${heartbeatMsMax}, not ${ms}`);
}

function endpointOf(text: string | undefined): SocketAddress | undefined {
  const where = typeof text === 'string' ? parseSocketAddress(text) : undefined;
  if (text === undefined || where !== undefined) return where;
  throw new FogataError('invalid', `endpoint is ADDRESS:PORT such as 0.0.0.0:5432, not ${JSON.stringify(text)}`);
}

function labelsOf(labels: Params): Params {
  const entries: readonly (readonly [string, unknown])[] = Object.entries(labels);
  if (entries.length > labelsMax) {
    throw new FogataError('invalid', `a service has at most ${labelsMax} labels, not ${entries.length}`);
  }
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new FogataError('invalid', `label ${JSON.stringify(name)} is no text`);
    if (!isLabelName(name)) {
      const cure = 'nobody could ask for it by crm[name=value]';
      throw new FogataError('invalid', `the name of a label is not ${JSON.stringify(name)}: ${cure}`);
    }
    if (Buffer.byteLength(name) > labelBytesMax || Buffer.byteLength(value) > labelBytesMax) {
      throw new FogataError('invalid', `name and value of a label have at most ${labelBytesMax} bytes each`);
    }
  }
  return { ...labels };
}
