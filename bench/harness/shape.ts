/** What is done: `call:128:256` is calls with bodies of 128 bytes, 256 in flight; `x4` behind it, by each of 4 client processes. */
export interface Shape {
  readonly name: string;
  readonly verb: 'call' | 'send' | 'publish' | 'bulk';
  readonly bodyBytes: number;
  /** Messages in flight of one client. */
  readonly depth: number;
  readonly clients: number;
  readonly subscribers: number;
  /** All processes on one core: with one in flight, two cores would measure how soon an idle one wakes. */
  readonly pinned: boolean;
}

/** In the order in which they run. */
export const shapeNames = [
  'call:128:1',
  'call:128:64',
  'call:128:256',
  'call:1024:256',
  'call:128:64x4',
  'send:128',
  'publish:128:10',
  'bulk',
] as const;

/** One in flight comes late: by then what it takes has been compiled. */
export const quickShapeNames: readonly string[] = [
  'call:128:256',
  'call:128:64x4',
  'send:128',
  'bulk',
  'call:128:1',
  'publish:128:10',
];

/** Far enough that a batch is always ready, and no further than one instance takes at once by default. */
const sendDepth = 1_000;
const publishDepth = 512;

/** Throws when it is none. */
export function shapeOf(name: string): Shape {
  const [verb, bytes, number] = name.split(':');
  const bodyBytes = Number(bytes ?? 65_536);
  const single = { name, bodyBytes, clients: 1, subscribers: 0, pinned: false };
  const [depth = Number.NaN, clients = 1] = (number ?? '').split('x').map(Number);
  if (verb === 'call' && depth >= 1 && clients >= 1) return { ...single, verb, depth, clients, pinned: depth === 1 };
  if (verb === 'send' && bodyBytes >= 0) return { ...single, verb, depth: sendDepth };
  if (verb === 'publish' && depth >= 1) return { ...single, verb, depth: publishDepth, subscribers: depth };
  if (verb === 'bulk') return { ...single, verb, depth: 1 };
  throw new Error(`"${name}" is no shape; there are ${shapeNames.join(', ')}, and others of the same form`);
}
