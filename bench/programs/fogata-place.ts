import { connect, type JoinOptions, join, type Mesh } from 'fogata';

/** A node of its own, or a program of an agent. */
export type FogataPlace = { readonly agent: string } | { readonly join: JoinOptions };

export const meshAt = (place: FogataPlace): Promise<Mesh> =>
  'agent' in place ? connect(place.agent) : join(place.join);

const foundMs = 20_000;

/** Tries until it is so. */
export async function untilFound(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + foundMs;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(`${what} within ${foundMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
