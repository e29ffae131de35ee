import type { NodeId } from '../protocol/ids.ts';
import { decodeMdns } from './decode-mdns.ts';
import { type MdnsMessage, mdnsBytesMax } from './mdns-packet.ts';
import { createRateLimit } from './rate-limit.ts';

/** Messages looked at per second. The rest of a link that is full of printers is not ours to read. */
const messagesPerSecond = 200;

/** Of each announcement four copies come within about a second, with those of others between them. */
const keptMax = 32;

/** Sifts what comes in, and reads what may concern this node. */
export interface MdnsIntake {
  /** `undefined` for what is no concern of this node, too much, or no message. Never throws. */
  take(bytes: Uint8Array, nowMs: number): MdnsMessage | undefined;
}

export function createMdnsIntake(node: NodeId): MdnsIntake {
  const budget = createRateLimit(messagesPerSecond);
  /** By their very bytes: what is said in both families, and twice, is decoded once. */
  const kept = new Map<string, MdnsMessage>();

  return {
    take(bytes, nowMs) {
      if (bytes.length > mdnsBytesMax) return undefined;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      const known = kept.get(text);
      if (known === undefined && !mayConcern(node, text)) return undefined;
      if (!budget.take(nowMs)) return undefined;
      const message = known ?? decodeMdns(bytes);
      if (known === undefined && message !== undefined) keep(kept, text, message);
      return message;
    },
  };
}

function keep(kept: Map<string, MdnsMessage>, text: string, message: MdnsMessage): void {
  const [oldest] = kept.keys();
  if (kept.size === keptMax && oldest !== undefined) kept.delete(oldest);
  kept.set(text, message);
}

/**
 * Most of what goes over a link is about printers: what names neither us nor all services is not decoded. Nor is a probe for
 * another's name; with many that start together these are most of all.
 */
function mayConcern(node: NodeId, text: string): boolean {
  const lower = text.toLowerCase();
  if (isProbe(text)) return lower.includes(node);
  return lower.includes('fogata') || lower.includes('_dns-sd');
}

/** A question that says what its asker is going to claim (RFC 6762, 8.2). */
function isProbe(text: string): boolean {
  return (text.charCodeAt(2) & 0x80) === 0 && (text.charCodeAt(8) | text.charCodeAt(9)) > 0;
}
