import type { FrameKind } from '../protocol/frame.ts';
import { type FrameFields, writeFrameHeader } from '../protocol/frame.ts';
import { isNodeId, type NodeId, noNode } from '../protocol/ids.ts';
import { frameHeaderBytes } from '../protocol/limits.ts';
import { isName } from '../protocol/names.ts';
import { decodeKey } from './ring-file.ts';
import type { RingKey, RingState } from './ring-state.ts';

/** A key frame's JSON: a full ring and room to grow. */
export const keyFrameBytesMax = 16_384;

/** What one node asks of another about its ring [K7] [K8] [K10]. */
export type KeyRequest =
  /** All of it, for who was invited. */
  | { readonly op: 'ring' }
  /** Ids only. */
  | { readonly op: 'list' }
  | { readonly op: 'add'; readonly key: RingKey }
  | { readonly op: 'use'; readonly id: string; readonly usedAt: number }
  | { readonly op: 'remove'; readonly id: string };

/** A ring as it may be shown: no secrets. */
export interface RingView {
  readonly keys: readonly { readonly id: string; readonly madeAt: number }[];
  readonly inUse: string;
  readonly usedAt: number;
}

/** Members told in one reply: one is enough to keep a key, and the frame has room for so many with the longest names. */
export const awayMax = 64;

/** A member that is not there, and may come back with the keys it left with. */
export interface AwayMember {
  readonly id: NodeId;
  readonly name: string;
  readonly state: 'dead' | 'left';
}

export type KeyReply =
  | {
      readonly ok: true;
      readonly ring: RingView;
      readonly invited: Invited | undefined;
      /** Whom the answering node remembers and does not see, at most `awayMax`. */
      readonly away: readonly AwayMember[];
    }
  | { readonly ok: false; readonly reason: string };

/** What who was invited is given beside the keys: how to find the inviter again. */
export interface Invited {
  /** As the key file has it. */
  readonly file: string;
  readonly node: string;
  readonly name: string;
  readonly port: number;
}

export function ringView({ keys, inUse, usedAt }: RingState): RingView {
  return { keys: keys.map(({ id, madeAt }) => ({ id, madeAt })), inUse, usedAt };
}

export function encodeKeyRequest(request: KeyRequest): Uint8Array {
  const said =
    request.op === 'add'
      ? { op: 'add', key: Buffer.from(request.key.secret).toString('base64url'), madeAt: request.key.madeAt }
      : request;
  return new TextEncoder().encode(JSON.stringify(said));
}

/** `undefined` when it asks nothing that is known. */
export function decodeKeyRequest(bytes: Uint8Array, cluster: string): KeyRequest | undefined {
  const json = parse(bytes);
  if (json === undefined) return undefined;
  const { op, id, usedAt } = json;
  if (op === 'ring' || op === 'list') return { op };
  if (op === 'add') {
    const key = decodeKey(json, cluster);
    return key === undefined ? undefined : { op, key };
  }
  if (typeof id !== 'string' || !isKeyId(id)) return undefined;
  if (op === 'remove') return { op, id };
  return op === 'use' && isTime(usedAt) ? { op, id, usedAt } : undefined;
}

export function encodeKeyReply(reply: KeyReply): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(reply));
}

export function decodeKeyReply(bytes: Uint8Array): KeyReply | undefined {
  const json = parse(bytes);
  if (json === undefined) return undefined;
  if (json['ok'] === false) return { ok: false, reason: typeof json['reason'] === 'string' ? json['reason'] : '' };
  const ring = ringViewOf(json['ring']);
  if (json['ok'] !== true || ring === undefined) return undefined;
  return { ok: true, ring, invited: invitedOf(json['invited']), away: awayOf(json['away']) };
}

/** A key frame for a link that has no other use. */
export function keyFrame(kind: typeof FrameKind.key | typeof FrameKind.keyReply, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + rest.length);
  const fields: FrameFields = {
    kind,
    flags: 0,
    hops: 0,
    to: noNode,
    from: noNode,
    correlation: 1,
    deadlineMs: Number.POSITIVE_INFINITY,
  };
  writeFrameHeader(bytes, 0, fields, rest.length);
  bytes.set(rest, frameHeaderBytes);
  return bytes;
}

export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

function ringViewOf(value: unknown): RingView | undefined {
  if (!isObject(value) || !Array.isArray(value['keys']) || typeof value['inUse'] !== 'string') return undefined;
  const { inUse, usedAt } = value;
  if (!isKeyId(inUse) || !isTime(usedAt)) return undefined;
  const keys: { id: string; madeAt: number }[] = [];
  for (const row of value['keys'].slice(0, 64) as readonly unknown[]) {
    if (!isObject(row) || typeof row['id'] !== 'string' || !isKeyId(row['id']) || !isTime(row['madeAt']))
      return undefined;
    keys.push({ id: row['id'], madeAt: row['madeAt'] });
  }
  return { keys, inUse, usedAt };
}

/** Rows that make no sense are left out; a node that knows nothing of them tells none. */
function awayOf(value: unknown): AwayMember[] {
  const away: AwayMember[] = [];
  if (!Array.isArray(value)) return away;
  for (const row of value.slice(0, awayMax) as readonly unknown[]) {
    if (!isObject(row)) continue;
    const { id, name, state } = row;
    if (typeof id !== 'string' || !isNodeId(id) || typeof name !== 'string' || !isName(name)) continue;
    if (state === 'dead' || state === 'left') away.push({ id, name, state });
  }
  return away;
}

function invitedOf(value: unknown): Invited | undefined {
  if (!isObject(value)) return undefined;
  const { file, node, name, port } = value;
  if (typeof file !== 'string' || typeof node !== 'string' || typeof name !== 'string') return undefined;
  return isTime(port) ? { file, node, name, port } : undefined;
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length > keyFrameBytesMax) return undefined;
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
