import { FogataError } from '../protocol/fogata-error.ts';
import { headBytesMax, nameBytesMax, paramNameBytesMax, paramsMax, paramValueBytesMax } from '../protocol/limits.ts';
import { noTexts } from '../protocol/text-record.ts';
import type { Params } from './outcome.ts';

/** What of a head is left to parameters: the rest is id, kinds, counts and up to five names. */
const paramsBytesMax = headBytesMax - 8 * (nameBytesMax + 1);

/** A UTF-16 unit has at most three bytes of UTF-8. */
const bytesPerUnitMax = 3;

/** Throws FogataError: `invalid` for what is no text, `too-large` above a bound. */
export function checkParams(params: Params): Params {
  if (!isObject(params)) throw new FogataError('invalid', 'params are an object: { status: "ok" }');
  let unitsOfAll = 0;
  let count = 0;
  let short = true;
  for (const name of Object.keys(params)) {
    const value: unknown = params[name];
    if (typeof value !== 'string') {
      throw new FogataError('invalid', `parameter ${quoted(name)} is no text: convert it, or use the body`);
    }
    if (name.length * bytesPerUnitMax > paramNameBytesMax) short = false;
    unitsOfAll += name.length + value.length + 1;
    count += 1;
  }
  if (count > paramsMax)
    throw new FogataError('too-large', `a message has at most ${paramsMax} parameters, not ${count}`);
  if (count === 0) return noTexts;
  // Nearly all are far below every bound: only others are measured in bytes.
  if (!short || unitsOfAll * bytesPerUnitMax > paramsBytesMax) checkSizes(params);
  return params;
}

/** Types are not there for everybody: a text, a list or null has members too, or throws when it is asked for one. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkSizes(params: Params): void {
  let bytesOfAll = 0;
  for (const [name, value] of Object.entries(params)) {
    const nameBytes = Buffer.byteLength(name);
    const valueBytes = Buffer.byteLength(value);
    if (nameBytes > paramNameBytesMax) {
      throw new FogataError(
        'too-large',
        `the name of parameter ${quoted(name)} has more than ${paramNameBytesMax} bytes`,
      );
    }
    if (valueBytes > paramValueBytesMax) {
      throw new FogataError(
        'too-large',
        `parameter ${quoted(name)} has more than ${paramValueBytesMax} bytes: use the body`,
      );
    }
    bytesOfAll += nameBytes + valueBytes + 3;
  }
  if (bytesOfAll > paramsBytesMax) {
    throw new FogataError('too-large', `parameters have at most ${paramsBytesMax} bytes together: use the body`);
  }
}

/** Short, and without control characters: it may reach a terminal. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
