import { FogataError } from './fogata-error.ts';
import { paramsMax } from './limits.ts';
import type { Reader } from './reader.ts';
import { newTextRecord, noTexts, type TextRecord } from './text-record.ts';
import type { Writer } from './writer.ts';

/** Throws FogataError `too-large` above the bounds. */
export function writeParams(writer: Writer, params: TextRecord): void {
  const at = writer.room(1);
  let count = 0;
  for (const name of Object.keys(params)) {
    writer.str8(name);
    writer.str16(params[name] as string);
    count++;
  }
  if (count > paramsMax) throw new FogataError('too-large', `a message has at most ${paramsMax} parameters`);
  writer.setU8(at, count);
}

export function readParams(reader: Reader): TextRecord {
  const count = reader.count8(paramsMax);
  if (count === 0) return noTexts;
  const params = newTextRecord();
  for (let i = 0; i < count && !reader.failed; i++) {
    const name = reader.str8();
    if (params[name] !== undefined) reader.fail('twice');
    params[name] = reader.str16();
  }
  return params;
}
