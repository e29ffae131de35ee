import { type FrameFields, FrameKind } from '../protocol/frame.ts';
import { bodyBytesMax, linkMarkBytes, queuedBytesMax } from '../protocol/limits.ts';
import { hasReplyBody } from '../protocol/reply-head.ts';
import type { FrameLink } from './frame-link.ts';
import type { SendResult } from './peer-links.ts';

/**
 * Frames that end or answer something are queued beyond the bound, for without them both sides would disagree on what is
 * open. Who leaves even so much of them unread is given up.
 */
const unreadBytesMax = queuedBytesMax + 2 * bodyBytesMax;

/** A refusal with the longest reason and names is shorter: what is longer carries parameters, and they may wait as a body may. */
const bareReplyBytesMax = 2_048;

/** Puts a frame on an open link, or says why not. */
export function carry(
  link: FrameLink,
  fields: FrameFields,
  head: Uint8Array | undefined,
  body: Uint8Array | undefined,
): SendResult {
  const queuedBytes = link.queuedBytes() + link.bulkBytes();
  // The stream goes on when the link has room, which it tells because it is above its mark.
  if (fields.kind === FrameKind.data && body !== undefined && link.bulkBytes() > linkMarkBytes) return 'busy';
  if (queuedBytes > queuedBytesMax) {
    if (isRefusable(fields.kind, head, body)) return 'busy';
    if (queuedBytes > unreadBytesMax) {
      link.destroy();
      return 'unreachable';
    }
  }
  return link.send(fields, head, body) ? 'written' : 'pressed';
}

/** Puts messages on a link, whole frames side by side, or says why not. Undefined: there is no open link. */
export function carryFrames(link: FrameLink | undefined, frames: Uint8Array, now: number): SendResult | undefined {
  if (link === undefined) return undefined;
  if (link.queuedBytes() + link.bulkBytes() > queuedBytesMax) return 'busy';
  return link.sendFrames(frames, now) ? 'written' : 'pressed';
}

/** What begins something may be refused, and what carries bytes may be sent again later. */
function isRefusable(kind: number, head: Uint8Array | undefined, body: Uint8Array | undefined): boolean {
  if (kind === FrameKind.message || kind === FrameKind.open || kind === FrameKind.sync) return true;
  if (kind !== FrameKind.data && kind !== FrameKind.reply) return false;
  if (body !== undefined && body.length > 0) return true;
  // A program's answer that is passed on as it came has its body behind its head.
  return kind === FrameKind.reply && head !== undefined && (head.length > bareReplyBytesMax || hasReplyBody(head));
}

const worthDialling: ReadonlySet<number> = new Set([
  FrameKind.message,
  FrameKind.open,
  FrameKind.sync,
  FrameKind.reply,
  FrameKind.delivered,
  FrameKind.alike,
  FrameKind.key,
  FrameKind.keyReply,
]);

/** The rest concerns what ended with the link it was on. */
export function isWorthDialling(kind: number): boolean {
  return worthDialling.has(kind);
}
