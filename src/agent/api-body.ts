import { type BodyValue, fromBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { bodyBytesMax } from '../protocol/limits.ts';

/** The body of a request as a message carries it: what it is, its content-type says. Throws FogataError. */
export async function readBodyValue(request: Request): Promise<BodyValue> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json' || type.endsWith('+json');
  const decoded = fromBody(isJson ? 'json' : type.startsWith('text/') ? 'text' : 'bytes', bytes);
  if (decoded.ok) return decoded.value;
  throw new FogataError(
    'invalid',
    `the body is not the ${decoded.reason === 'utf8' ? 'UTF-8' : 'JSON'} that its content-type says`,
  );
}

/** A body that must be JSON. Throws FogataError. */
export async function readJson(request: Request): Promise<unknown> {
  return jsonOf(await readBytes(request));
}

function jsonOf(bytes: Uint8Array): unknown {
  const decoded = fromBody('json', bytes);
  if (decoded.ok) return decoded.value;
  throw new FogataError('invalid', 'the body is no JSON');
}

/** The same where nothing may be said; undefined: nothing was. Throws FogataError. */
export async function readJsonOrNothing(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  return bytes.length === 0 ? undefined : jsonOf(bytes);
}

/** Stops at the bound, whatever length was announced. */
async function readBytes(request: Request): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? '0');
  if (announced > bodyBytesMax) throw tooLarge();
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> = request.body;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): FogataError {
  return new FogataError('too-large', `a body has at most ${bodyBytesMax} bytes; larger things go by stream`);
}
