import { executedMax } from '../protocol/limits.ts';
import { hashOfId, readWord } from './hash-of-id.ts';
import { createKeptReplies } from './kept-replies.ts';

/** Told the first reply, as it went over the wire: its head, and the body behind it. Valid only during the call. */
export type OnReply = (head: Uint8Array, body: Uint8Array | undefined) => void;

/**
 * Remembers what was executed here, so that a message that comes twice is executed once ([F11]). Ids lie in flat tables and
 * replies in one ring of bytes: tens of thousands of objects that live for a minute would cost more than all the rest.
 * An execution is named by a number.
 */
export interface ExecutedMessages {
  /** The execution of the message whose 16 bytes of id lie at `at`; -1: not known. */
  find(bytes: Uint8Array, at: number, now: number): number;
  /** What `find` was asked for last, and does not know, is in hand from now on. */
  begin(now: number): number;
  /** It is over; else somebody has it in hand. */
  isDone(execution: number): boolean;
  /** It is over, and all that there was to say is that it was delivered. */
  isDelivered(execution: number): boolean;
  /** What was replied; undefined while it is in hand, and when it is not kept. Valid until the next `end`. */
  replyOf(execution: number): Uint8Array | undefined;
  /** Tells the reply of what is in hand to one more. False: too many wait for it. */
  join(execution: number, tell: OnReply): boolean;
  /** `isExecuted` false: it came to nothing, and may come again. */
  end(execution: number, head: Uint8Array, body: Uint8Array | undefined, isExecuted: boolean, now: number): void;
  /** It is over, by a reply that is not worth keeping: it can be made again. True: somebody waits for it, and is to be told. */
  endDelivered(execution: number, now: number): boolean;
  /** Tells it to those who wait for it. */
  tellWaiting(execution: number, head: Uint8Array, body: Uint8Array | undefined): void;
  /** It was given up, and doing it again is harmless. */
  forget(execution: number): void;
  /** Bytes of the replies that can still be told. */
  readonly keptBytes: number;
}

/** [F11] */
const rememberMs = 60_000;
/** Repetitions that wait for one reply: an honest origin sends the next when the link of the last is gone. */
const waitingMax = 8;

const slotsAtFirst = 1_024;
const slotBits = 16;
const slotMask = executedMax - 1;
/** An execution's number has a turn of its slot in it, so that one that ends late is not taken for the next one there. */
const turnMask = 0x3fff;

const State = { free: 0, inHand: 1, done: 2, dropped: 3, delivered: 4 } as const;

/** `seed`: any number that those who choose ids do not know; keeps them from choosing ids that collide here. */
export function createExecutedMessages(seed: number): ExecutedMessages {
  return new Executed(seed);
}

class Executed implements ExecutedMessages {
  private readonly seed: number;
  private readonly replies = createKeptReplies();
  private readonly waiting = new Map<number, OnReply[]>();
  private capacity = 0;
  // For each slot.
  private ids = new Int32Array(0);
  private hashes = new Int32Array(0);
  private states = new Uint8Array(0);
  private turns = new Uint16Array(0);
  private times = new Float64Array(0);
  private free: number[] = [];
  /** The first slot of each hash, and the next one behind each slot; both plus one, 0 is none. */
  private places = new Int32Array(0);
  private behind = new Int32Array(0);
  /** Slots in the order of their beginning. */
  private ring = new Int32Array(0);
  private oldest = 0;
  private held = 0;
  /** The id that was looked for last, and its hash. */
  private readonly sought = new Int32Array(4);
  private soughtHash = 0;

  constructor(seed: number) {
    this.seed = seed | 0;
    this.grow(slotsAtFirst);
  }

  get keptBytes(): number {
    return this.replies.keptBytes;
  }

  find(bytes: Uint8Array, at: number, now: number): number {
    const slot = this.slotOf(bytes, at);
    if (slot < 0) return -1;
    if (isOver(this.states[slot]) && now - (this.times[slot] as number) > rememberMs) {
      this.drop(slot);
      return -1;
    }
    return this.nameOf(slot);
  }

  begin(now: number): number {
    this.makeRoom(now);
    const slot = this.free.pop() as number;
    const { ids, sought } = this;
    const first = 4 * slot;
    ids[first] = sought[0] as number;
    ids[first + 1] = sought[1] as number;
    ids[first + 2] = sought[2] as number;
    ids[first + 3] = sought[3] as number;
    this.hashes[slot] = this.soughtHash;
    this.states[slot] = State.inHand;
    this.turns[slot] = ((this.turns[slot] as number) + 1) & turnMask;
    this.enter(slot);
    this.push(slot);
    return this.nameOf(slot);
  }

  isDone(execution: number): boolean {
    return isOver(this.states[execution & slotMask]);
  }

  isDelivered(execution: number): boolean {
    return this.states[execution & slotMask] === State.delivered;
  }

  replyOf(execution: number): Uint8Array | undefined {
    return this.replies.get(execution & slotMask);
  }

  join(execution: number, tell: OnReply): boolean {
    const waiting = this.waiting.get(execution);
    if (waiting === undefined) this.waiting.set(execution, [tell]);
    else if (waiting.length >= waitingMax) return false;
    else waiting.push(tell);
    return true;
  }

  end(execution: number, head: Uint8Array, body: Uint8Array | undefined, isExecuted: boolean, now: number): void {
    const slot = execution & slotMask;
    if (this.nameOf(slot) === execution && this.states[slot] === State.inHand) {
      if (isExecuted) {
        this.states[slot] = State.done;
        this.times[slot] = now;
        this.replies.set(slot, head, body);
      } else this.drop(slot);
    }
    if (this.waiting.size > 0) this.tellWaiting(execution, head, body);
  }

  endDelivered(execution: number, now: number): boolean {
    const slot = execution & slotMask;
    if (this.nameOf(slot) === execution && this.states[slot] === State.inHand) {
      this.states[slot] = State.delivered;
      this.times[slot] = now;
    }
    return this.waiting.size > 0 && this.waiting.has(execution);
  }

  tellWaiting(execution: number, head: Uint8Array, body: Uint8Array | undefined): void {
    const waiting = this.waiting.get(execution);
    this.waiting.delete(execution);
    for (const tell of waiting ?? []) tell(head, body);
  }

  forget(execution: number): void {
    const slot = execution & slotMask;
    if (this.nameOf(slot) === execution && this.states[slot] === State.inHand) this.drop(slot);
  }

  private nameOf(slot: number): number {
    return ((this.turns[slot] as number) << slotBits) | slot;
  }

  /** Its place in line stays until its turn comes; only then the slot is free. */
  private drop(slot: number): void {
    this.leave(slot);
    // Of others none is kept.
    if (this.states[slot] === State.done) this.replies.delete(slot);
    this.states[slot] = State.dropped;
  }

  /** Two for one, so that what is too old goes sooner than it comes. What is still in hand gets in line again. */
  private makeRoom(now: number): void {
    for (let i = 0; i < 2 && this.held > 0; i++) {
      const slot = this.ring[this.oldest] as number;
      const state = this.states[slot];
      if (isOver(state) && now - (this.times[slot] as number) <= rememberMs) break;
      this.shift();
      if (state === State.inHand) this.push(slot);
      else this.release(slot);
    }
    if (this.free.length > 0) return;
    if (this.capacity < executedMax) this.grow(4 * this.capacity);
    else this.release(this.shift());
  }

  private release(slot: number): void {
    if (this.states[slot] !== State.dropped) this.drop(slot);
    this.states[slot] = State.free;
    this.free.push(slot);
  }

  private shift(): number {
    const slot = this.ring[this.oldest] as number;
    this.oldest = (this.oldest + 1) & (this.capacity - 1);
    this.held -= 1;
    return slot;
  }

  private push(slot: number): void {
    this.ring[(this.oldest + this.held) & (this.capacity - 1)] = slot;
    this.held += 1;
  }

  private slotOf(bytes: Uint8Array, at: number): number {
    const a = readWord(bytes, at);
    const b = readWord(bytes, at + 4);
    const c = readWord(bytes, at + 8);
    const d = readWord(bytes, at + 12);
    const hash = hashOfId(this.seed, a, b, c, d);
    const { places, ids, sought } = this;
    sought[0] = a;
    sought[1] = b;
    sought[2] = c;
    sought[3] = d;
    this.soughtHash = hash;
    let slot = (places[hash & (places.length - 1)] as number) - 1;
    for (; slot >= 0; slot = (this.behind[slot] as number) - 1) {
      const first = 4 * slot;
      if (ids[first + 3] === d && ids[first + 2] === c && ids[first + 1] === b && ids[first] === a) return slot;
    }
    return -1;
  }

  private homeOf(slot: number): number {
    return (this.hashes[slot] as number) & (this.places.length - 1);
  }

  private enter(slot: number): void {
    const home = this.homeOf(slot);
    this.behind[slot] = this.places[home] as number;
    this.places[home] = slot + 1;
  }

  private leave(slot: number): void {
    const { places, behind } = this;
    const home = this.homeOf(slot);
    const rest = behind[slot] as number;
    let at = (places[home] as number) - 1;
    if (at === slot) places[home] = rest;
    else {
      while (behind[at] !== slot + 1) at = (behind[at] as number) - 1;
      behind[at] = rest;
    }
  }

  private grow(capacity: number): void {
    const before = this.capacity;
    const ring = new Int32Array(capacity);
    for (let i = 0; i < this.held; i++) ring[i] = this.ring[(this.oldest + i) & (before - 1)] as number;
    this.ring = ring;
    this.oldest = 0;
    this.capacity = capacity;
    this.ids = copied(this.ids, new Int32Array(4 * capacity));
    this.hashes = copied(this.hashes, new Int32Array(capacity));
    this.states = copied(this.states, new Uint8Array(capacity));
    this.turns = copied(this.turns, new Uint16Array(capacity));
    this.times = copied(this.times, new Float64Array(capacity));
    this.places = new Int32Array(2 * capacity);
    this.behind = new Int32Array(capacity);
    for (let slot = capacity - 1; slot >= before; slot--) this.free.push(slot);
    for (let slot = 0; slot < before; slot++) {
      const state = this.states[slot];
      if (state === State.inHand || isOver(state)) this.enter(slot);
    }
    this.replies.grow(capacity);
  }
}

function isOver(state: number | undefined): boolean {
  return state === State.done || state === State.delivered;
}

function copied<Words extends Uint8Array | Uint16Array | Int32Array | Float64Array>(from: Words, into: Words): Words {
  into.set(from);
  return into;
}
