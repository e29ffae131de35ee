/**
 * The order in which members are probed: every one once, then shuffled anew, so that the time to the next probe of a given
 * member is bounded (SWIM, section 4.3).
 */
export interface Round<Item> {
  /** A newcomer comes in at a random place of what is left of this round. */
  add(item: Item): void;
  /** The next one for which `wanted` holds; those for which it does not are out until added again. */
  next(wanted: (item: Item) => boolean): Item | undefined;
}

export function createRound<Item>(random: () => number): Round<Item> {
  let ahead: Item[] = [];
  let behind: Item[] = [];

  function shuffle(items: Item[]): Item[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [items[i], items[j]] = [items[j] as Item, items[i] as Item];
    }
    return items;
  }

  return {
    add(item) {
      const at = Math.floor(random() * (ahead.length + 1));
      const displaced = ahead[at];
      ahead[at] = item;
      if (displaced !== undefined) ahead.push(displaced);
    },
    next(wanted) {
      for (let turn = 0; turn < 2; turn++) {
        for (let item = ahead.pop(); item !== undefined; item = ahead.pop()) {
          if (!wanted(item)) continue;
          behind.push(item);
          return item;
        }
        ahead = shuffle(behind);
        behind = [];
      }
      return undefined;
    },
  };
}
