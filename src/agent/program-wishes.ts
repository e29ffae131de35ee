import { z } from 'zod';
import type { ProgramWish } from '../api/program-wish.ts';
import { type Wishes, wishesOf } from '../api/wishes-of.ts';
import { type LabelSelector, parseAddress } from '../protocol/address.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { strategies } from '../selection/strategy.ts';

// Looser than strict: a later client may say more than this agent knows.
const schema = z.object({
  labels: z.record(z.string(), z.string()).optional(),
  strategy: z.enum(strategies).optional(),
  sticky: z.string().optional(),
  hedge: z.union([z.boolean(), z.number()]).optional(),
  explain: z.boolean().optional(),
});

/** As it is handed to the message or open that follows. */
export interface ProgramWishTaken extends Wishes {
  readonly labels: LabelSelector | undefined;
}

const decoder = new TextDecoder();

/** What a program wants of the choice for the message that it sends next, or the stream that it opens next. */
export class ProgramWishes {
  #said: { readonly correlation: number; readonly wish: ProgramWish } | undefined;

  /** Returns what is wrong with the frame, which is the end of the link. */
  onFrame(frame: ReceivedFrame): string | undefined {
    const wish = parse(decoder.decode(frame.bytes.subarray(frame.start, frame.end)));
    if (wish === undefined) return 'a wish is malformed';
    this.#said = { correlation: frame.correlation, wish };
    return undefined;
  }

  /** Nearly never. */
  get isSaid(): boolean {
    return this.#said !== undefined;
  }

  /** What was said for another than this one is void. Throws FogataError when what is wanted cannot be. */
  take(correlation: number, idempotent: boolean, verb: 'call' | 'open'): ProgramWishTaken {
    const said = this.#said;
    this.#said = undefined;
    if (said?.correlation !== correlation) return { labels: undefined };
    const { labels, ...options } = said.wish;
    if (labels !== undefined) checkLabels(labels);
    return { labels, ...wishesOf({ ...options, idempotent }, verb) };
  }
}

/** By the rules of an address, so that both ways to ask for labels have the same bounds. */
function checkLabels(labels: LabelSelector): void {
  const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const parsed = parseAddress(`a[${text.join(',')}]`);
  if (!parsed.ok) throw new FogataError('invalid', parsed.reason);
}

function parse(text: string): ProgramWish | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    // Its optional parts are absent or there, never undefined: it comes from JSON.
    return parsed.success ? (parsed.data as ProgramWish) : undefined;
  } catch {
    return undefined;
  }
}
