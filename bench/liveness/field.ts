import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../../test/e2e/lab/child.ts';
import { type Host, openLab } from '../../test/e2e/lab/lab.ts';
import { runTool } from '../../test/e2e/lab/run-tool.ts';
import type { Contender, Said, Seen } from './contender.ts';

/** What one node has said of another, at which time of this process. */
export interface Sighting extends Said {
  readonly at: number;
  readonly by: string;
  /** Both were up and had nothing in their way but loss, and who says it has heard of somebody since he was cut off. */
  readonly isOfTheWell: boolean;
}

export interface Player {
  readonly name: string;
  readonly host: Host;
  child: Child;
  /** It is expected to be there, and to know of the others; since when. */
  up: boolean;
  upSince: number;
  /** It was cut off, and has not said since that somebody is alive: what it says of the others is what it found before. */
  isBehind: boolean;
  /** What it calls itself; `undefined` until it has spoken. */
  life: string | undefined;
  readonly sees: Map<string, Seen>;
}

/** Nodes of one contender, each in a namespace of its own, and all they say. */
export interface Field {
  readonly players: readonly Player[];
  readonly sightings: Sighting[];
  start(player: Player): void;
  /** Milliseconds since `from` until the condition held, looked at with each thing said; `Infinity` when it did not. */
  until(condition: () => boolean, withinMs: number, from?: number): Promise<number>;
  /** All others that are up see it in one of these states. */
  others(of: Player, states: readonly Seen[]): boolean;
  whole(): boolean;
  /** Bytes sent and received by all since their interfaces came up, and seconds of processor time. */
  used(): { readonly sent: number; readonly received: number; readonly cpuS: number };
  close(): Promise<void>;
}

/** From now on nothing but loss is in its way. */
export function rise(player: Player, wasCut: boolean): void {
  player.up = true;
  player.upSince = performance.now();
  player.isBehind = wasCut;
}

/** Tells of each death of the well who said it of whom, and when. */
export function openField(contender: Contender, count: number, tell: (text: string) => void): Field {
  const lab = openLab();
  const ended = new Set<string>();
  const players: Player[] = [];
  const sightings: Sighting[] = [];
  let wake = (): void => undefined;

  function listen(player: Player): void {
    let told = 0;
    let rest = '';
    const { child } = player;
    const timer = setInterval(() => {
      if (player.child !== child) return clearInterval(timer);
      const text = child.stdout.slice(told);
      if (text === '') return undefined;
      told += text.length;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(player, line);
      return wake();
    }, 2);
    timer.unref();
  }

  function hear(player: Player, line: string): void {
    const said = contender.parse(line);
    if (said === undefined) return;
    if (said.of === player.name) {
      if (said.life === undefined || !ended.has(said.life)) player.life = said.life;
      return;
    }
    player.sees.set(said.of, said.state);
    const of = players.find(({ name }) => name === said.of);
    if (said.state === 'alive') player.isBehind = false;
    const isOfTheWell = player.up && !player.isBehind && of?.up === true;
    const at = performance.now();
    sightings.push({ at, by: player.name, ...said, isOfTheWell });
    if (isOfTheWell && said.state === 'dead') {
      const since = (it: Player) => `${it.name}, up for ${Math.round(at - it.upSince)} ms`;
      const former = said.life !== undefined && ended.has(said.life) ? ' (a former life)' : '';
      tell(`  falsely dead: ${since(of)},${former} says ${since(player)}: ${said.why}`);
    }
  }

  const field: Field = {
    players,
    sightings,
    start(player) {
      player.sees.clear();
      const seed = players.find((it) => it.up && it !== player);
      if (player.life !== undefined) ended.add(player.life);
      player.life = undefined;
      player.child = contender.start(player.host, player.name, seed?.host);
      rise(player, false);
      listen(player);
    },
    async until(condition, withinMs, from = performance.now()) {
      while (!condition()) {
        const left = from + withinMs - performance.now();
        if (left <= 0) return Number.POSITIVE_INFINITY;
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), pause(Math.min(left, 50))]);
      }
      return performance.now() - from;
    },
    others: (of, states) =>
      players.every((it) => it === of || !it.up || states.includes(it.sees.get(of.name) ?? 'left')),
    whole: () => players.every((of) => !of.up || field.others(of, ['alive'])),
    used() {
      let [sent, received, cpuS] = [0, 0, 0];
      for (const { host, child, up } of players) {
        if (!up) continue;
        const [rx, tx] = host.run('cat', counters).trim().split('\n').map(Number);
        sent += tx ?? 0;
        received += rx ?? 0;
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        cpuS += (Number(fields[11]) + Number(fields[12])) / 100;
      }
      return { sent, received, cpuS };
    },
    close() {
      for (const player of players) player.up = false;
      return lab.close();
    },
  };
  for (let i = 0; i < count; i++) {
    const host = lab.addHost({ addresses: 'ipv4' });
    players.push({
      name: `n${i + 1}`,
      host,
      child: undefined as unknown as Child,
      up: false,
      upSince: 0,
      isBehind: false,
      life: undefined,
      sees: new Map(),
    });
  }
  knowNeighbours(players);
  return field;
}

const counters = ['/sys/class/net/eth0/statistics/rx_bytes', '/sys/class/net/eth0/statistics/tx_bytes'];

interface Device {
  readonly address: string;
  readonly addr_info: readonly { readonly local: string }[];
}

/**
 * With more than about 25 hosts on one bridge the kernel's table of neighbours, which all namespaces share, is too small, and
 * they ask for each other all the time.
 */
function knowNeighbours(players: readonly Player[]): void {
  const devices = players.map(({ host }) => {
    return (JSON.parse(host.run('ip', ['-j', 'addr', 'show', 'dev', 'eth0'])) as [Device])[0];
  });
  for (const [own, { host }] of players.entries()) {
    const lines = devices.flatMap(({ address, addr_info }, other) =>
      other === own
        ? []
        : addr_info.map(({ local }) => `neigh replace ${local} lladdr ${address} dev eth0 nud permanent`),
    );
    runTool('ip', ['-n', host.namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  }
}
