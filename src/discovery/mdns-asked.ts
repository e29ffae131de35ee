import type { Attachment } from './attachment.ts';

/**
 * Where others have asked already what this node is about to ask, so that one asks for all (RFC 6762, 7.3). All hear the
 * answers. Never twice running: nobody is kept from asking for ever by one whose questions only this node hears.
 */
export interface MdnsAsked {
  /** A wait for the time to ask begins: only what is heard from now on counts. */
  begin(): void;
  /** The question was heard. `here`: from an address of this host, as this node's own when it comes back. */
  hear(link: MdnsLink, asker: 'here' | 'elsewhere'): void;
  /** The time to ask has come: whether to ask on this link. What is heard afterwards counts for the next time. */
  takeTurn(link: MdnsLink): boolean;
}

/** What one is heard on by all its neighbours: an interface, in one family. */
export type MdnsLink = Pick<Attachment, 'interface' | 'family'>;

export function createMdnsAsked(): MdnsAsked {
  const heard = new Set<string>();
  const leftOut = new Set<string>();
  /** Where this node's own question has not come back yet. */
  const underWay = new Set<string>();

  return {
    begin() {
      heard.clear();
      leftOut.clear();
      underWay.clear();
    },
    hear(link, asker) {
      const key = keyOf(link);
      if (asker === 'here' && underWay.delete(key)) return;
      heard.add(key);
    },
    takeTurn(link) {
      const key = keyOf(link);
      if (heard.delete(key) && !leftOut.has(key)) {
        leftOut.add(key);
        return false;
      }
      leftOut.delete(key);
      underWay.add(key);
      return true;
    },
  };
}

function keyOf({ interface: name, family }: MdnsLink): string {
  return `${name} ${family}`;
}
