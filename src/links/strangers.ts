import type { FrameLink } from './frame-link.ts';

/** Accepted connections that have not said hello: of a flood of them the oldest give way, for who is honest speaks at once. */
const strangersMax = 256;

export interface Strangers {
  /** To be called before another one is added. */
  makeRoom(): void;
  add(link: FrameLink): void;
  /** It has said hello, or is gone. */
  delete(link: FrameLink): void;
  destroyAll(): void;
}

export function createStrangers(): Strangers {
  const links = new Set<FrameLink>();
  return {
    makeRoom() {
      for (const oldest of links) {
        if (links.size < strangersMax) break;
        links.delete(oldest);
        oldest.destroy();
      }
    },
    add: (link) => void links.add(link),
    delete: (link) => void links.delete(link),
    destroyAll() {
      for (const link of links) link.destroy();
    },
  };
}
