/** Enough for most peers, and little for those that never have anything under way. */
const slotsAtFirst = 16;

/** Above this many slots a table of which little is used is made small again. */
const slotsKept = 4_096;

/** Of a table that was just made larger a sixteenth is in use: what uses a quarter of that is little. */
const littleShare = 64;

/**
 * What is under way, by correlation. Those given out one after the other lie each in the slot of its lowest bits, so that
 * finding, adding and taking out cost one look; correlations that somebody else chose may meet in a slot, and then the
 * later ones lie in a Map.
 */
export class CorrelationTable<Value extends object> {
  private keys = new Uint32Array(slotsAtFirst);
  private slots: (Value | undefined)[] = new Array<Value | undefined>(slotsAtFirst).fill(undefined);
  private mask = slotsAtFirst - 1;
  private others: Map<number, Value> | undefined;
  private count = 0;
  /** The most since it was last empty: what is settled all at once comes again, and growing anew each time would cost more. */
  private peak = 0;
  private last: number;
  private readonly step: number;

  /** `step` and `offset`: which correlations `next` gives out. */
  constructor(step = 1, offset = 0) {
    this.step = step;
    this.last = offset;
  }

  get size(): number {
    return this.count;
  }

  /** A correlation that is free, and whose slot is. Never 0. */
  next(): number {
    const { step } = this;
    let next = this.last;
    do next = (next + step) >>> 0;
    while (next === 0 || this.slots[next & this.mask] !== undefined || this.others?.has(next) === true);
    this.last = next;
    return next;
  }

  get(correlation: number): Value | undefined {
    const at = correlation & this.mask;
    if (this.keys[at] === correlation) {
      const value = this.slots[at];
      if (value !== undefined) return value;
    }
    return this.others?.get(correlation);
  }

  /** Takes the place of what had that correlation. */
  set(correlation: number, value: Value): void {
    // At most a quarter is in use, so that what is given out one after the other finds a free slot at once.
    if (4 * this.count >= this.slots.length) this.grow();
    const at = correlation & this.mask;
    if (this.others === undefined && this.slots[at] === undefined) {
      this.slots[at] = value;
      this.keys[at] = correlation;
      this.count += 1;
    } else {
      if (this.get(correlation) === undefined) this.count += 1;
      this.put(correlation, value);
    }
    if (this.count > this.peak) this.peak = this.count;
  }

  delete(correlation: number): boolean {
    const at = correlation & this.mask;
    if (this.keys[at] === correlation && this.slots[at] !== undefined) this.slots[at] = undefined;
    else if (this.others?.delete(correlation) !== true) return false;
    this.count -= 1;
    if (this.count === 0) this.emptied();
    return true;
  }

  /** A copy: what is done with one may change the table. In no order that means anything. */
  values(): Value[] {
    const found: Value[] = [];
    for (const value of this.slots) if (value !== undefined) found.push(value);
    if (this.others !== undefined) found.push(...this.others.values());
    return found;
  }

  /** As `values`, in the order in which `next` gave them out. */
  inOrder(): Value[] {
    const found: [number, Value][] = [...(this.others ?? [])];
    this.slots.forEach((value, at) => {
      if (value !== undefined) found.push([this.keys[at] as number, value]);
    });
    // The difference as 32 bits with a sign: right also where the numbers have begun again.
    return found.sort(([a], [b]) => (a - b) | 0).map(([, value]) => value);
  }

  private emptied(): void {
    const { length } = this.slots;
    if (length > slotsKept && littleShare * this.peak < length) this.resize(slotsAtFirst);
    this.peak = 0;
  }

  private put(correlation: number, value: Value): void {
    const at = correlation & this.mask;
    if (this.slots[at] === undefined || this.keys[at] === correlation) {
      this.others?.delete(correlation);
      this.slots[at] = value;
      this.keys[at] = correlation;
      return;
    }
    this.others ??= new Map();
    this.others.set(correlation, value);
  }

  private grow(): void {
    this.resize(4 * this.slots.length);
  }

  private resize(length: number): void {
    const { keys, slots, others } = this;
    this.keys = new Uint32Array(length);
    this.slots = new Array<Value | undefined>(length).fill(undefined);
    this.mask = length - 1;
    this.others = undefined;
    slots.forEach((value, at) => {
      if (value !== undefined) this.put(keys[at] as number, value);
    });
    for (const [correlation, value] of others ?? []) this.put(correlation, value);
  }
}
