import { fileURLToPath } from 'node:url';
import type { Child } from '../../test/e2e/lab/child.ts';
import type { Host } from '../../test/e2e/lab/lab.ts';

export type Seen = 'alive' | 'degraded' | 'suspect' | 'dead' | 'left';

/** What a line of its output says of a member. */
export interface Said {
  readonly of: string;
  readonly state: Seen;
  /** Another each time a node of that name is started; `undefined` where the contender does not say it. */
  readonly life: string | undefined;
  readonly why: string;
}

/** Something that says who is there and who is alive. */
export interface Contender {
  readonly name: string;
  start(host: Host, node: string, seed: Host | undefined): Child;
  parse(line: string): Said | undefined;
  /** Asks it to leave in order. */
  readonly leaveSignal: NodeJS.Signals;
}

const program = fileURLToPath(new URL('fogata-node.mjs', import.meta.url));

export const fogata: Contender = {
  name: 'fogata',
  start: (host, node) => host.start('node', [program, node]),
  parse(line) {
    const [, of, state, life, why = ''] = /^member (\S+) (\S+) (\S+) (.*)$/.exec(line) ?? [];
    return of === undefined ? undefined : { of, state: state as Seen, life, why };
  },
  leaveSignal: 'SIGTERM',
};

const serfStates: Readonly<Record<string, Seen>> = { Join: 'alive', Failed: 'dead', Leave: 'left' };

export const serf: Contender = {
  name: 'serf',
  start(host, node, seed) {
    const join = seed === undefined ? [] : ['-retry-join', seed.address];
    return host.start('serf', ['agent', '-node', node, '-bind', `${host.address}:7946`, ...join]);
  },
  parse(line) {
    const found = /EventMember(Join|Failed|Leave): (\S+)/.exec(line);
    const state = found === null ? undefined : serfStates[found[1] as string];
    return state === undefined ? undefined : { of: found?.[2] as string, state, life: undefined, why: '' };
  },
  leaveSignal: 'SIGINT',
};
