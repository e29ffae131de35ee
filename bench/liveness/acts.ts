import { setTimeout as pause } from 'node:timers/promises';
import type { Contender, Seen } from './contender.ts';
import { type Field, type Player, rise } from './field.ts';

/** Milliseconds, one for each repetition; `Infinity` where it did not happen in time. */
export type Times = Record<string, number[]>;

const giveUpMs = 25_000;

/** Everything that can befall a member, one after the other, each time another one. */
export async function playAll(
  contender: Contender,
  field: Field,
  turns: number,
  tell: (text: string) => void,
): Promise<Times> {
  return play([killed, cut, unplugged, stopped, left], { contender, field, turns, lossPercent: 0, tell });
}

/** The same of a silent process and a silent host, while all lose so many packets of a hundred each way. */
export async function playLossy(
  contender: Contender,
  field: Field,
  turns: number,
  percent: number,
  tell: (text: string) => void,
): Promise<{ readonly times: Times; readonly falseDeaths: number }> {
  const before = field.sightings.length;
  for (const { host } of field.players) host.cable.lose(percent);
  const times = await play([killed, cut], { contender, field, turns, lossPercent: percent, tell });
  for (const { host } of field.players) host.cable.heal();
  return { times, falseDeaths: falseDeathsSince(field, before) };
}

interface Play {
  readonly contender: Contender;
  readonly field: Field;
  readonly turns: number;
  readonly lossPercent: number;
  readonly tell: (text: string) => void;
}

async function play(
  acts: readonly ((scene: Scene) => Promise<void>)[],
  { contender, field, turns, lossPercent, tell }: Play,
): Promise<Times> {
  const times: Times = {};
  const note = (what: string, ms: number) => {
    const where = lossPercent === 0 ? what : `${what}, ${lossPercent} % loss`;
    (times[where] ??= []).push(ms);
    tell(`  ${contender.name} n=${field.players.length} ${where}: ${Math.round(ms)}`);
  };
  const heal = ({ host }: Player): void => {
    if (lossPercent === 0) host.cable.heal();
    else host.cable.lose(lossPercent);
  };
  let next = 1;
  /** Never the first: others join by it. */
  const victim = (): Player => {
    const { players } = field;
    const chosen = players[next] as Player;
    next = next + 1 < players.length ? next + 1 : 1;
    return chosen;
  };
  for (let turn = 0; turn < turns; turn++) {
    for (const act of acts) {
      await field.until(() => field.whole(), 60_000);
      await pause(1_500);
      await act({ contender, field, victim: victim(), note, heal });
    }
  }
  return times;
}

interface Scene {
  readonly contender: Contender;
  readonly field: Field;
  readonly victim: Player;
  readonly note: (what: string, ms: number) => void;
  readonly heal: (player: Player) => void;
}

const gone: readonly Seen[] = ['dead', 'left'];

async function killed({ field, victim, note }: Scene): Promise<void> {
  victim.up = false;
  const from = performance.now();
  victim.child.signal('SIGKILL');
  note('kill -9', await field.until(() => field.others(victim, gone), giveUpMs, from));
  await victim.child.exited;
  await back({ field, victim, note });
}

async function back({ field, victim, note }: Pick<Scene, 'field' | 'victim' | 'note'>): Promise<void> {
  field.start(victim);
  const ready = await field.until(() => victim.child.stdout.length > 0, 20_000);
  const joined = await field.until(() => field.others(victim, ['alive']), 60_000);
  note('join, since it speaks', joined);
  if (ready === Number.POSITIVE_INFINITY) throw new Error(`${victim.name} does not start: ${victim.child.stderr}`);
}

async function cut({ field, victim, note, heal }: Scene): Promise<void> {
  victim.up = false;
  const from = performance.now();
  victim.host.cable.cut();
  note('host cut off', await field.until(() => field.others(victim, gone), giveUpMs, from));
  await pause(3_000);
  const healedAt = performance.now();
  heal(victim);
  rise(victim, true);
  note('healed, all see all', await field.until(() => field.whole(), 90_000, healedAt));
  victim.isBehind = false;
}

async function unplugged({ field, victim, note }: Scene): Promise<void> {
  victim.up = false;
  const from = performance.now();
  victim.host.cable.unplug();
  note('link down', await field.until(() => field.others(victim, gone), giveUpMs, from));
  await pause(1_000);
  victim.host.cable.plug();
  rise(victim, true);
  note('plugged, all see all', await field.until(() => field.whole(), 90_000));
  victim.isBehind = false;
}

const stoppedMs = 9_000;

async function stopped({ field, victim, note }: Scene): Promise<void> {
  victim.up = false;
  const from = performance.now();
  const seen = field.sightings.length;
  victim.child.signal('SIGSTOP');
  note('SIGSTOP, gets less work', await field.until(() => field.others(victim, ['degraded', ...gone]), giveUpMs, from));
  await pause(Math.max(0, from + stoppedMs - performance.now()));
  const said = field.sightings.slice(seen);
  note(
    'called dead after 9 s of SIGSTOP',
    said.filter(({ of, state }) => of === victim.name && state === 'dead').length,
  );
  victim.child.signal('SIGCONT');
  await pause(2_000);
  const after = field.sightings.slice(seen);
  note('others accused', after.filter(({ of, state }) => of !== victim.name && state !== 'alive').length);
  rise(victim, false);
  await field.until(() => field.whole(), 60_000);
}

async function left({ contender, field, victim, note }: Scene): Promise<void> {
  victim.up = false;
  const from = performance.now();
  victim.child.signal(contender.leaveSignal);
  note('left', await field.until(() => field.others(victim, ['left']), giveUpMs, from));
  await victim.child.exited;
  await pause(500);
  await back({ field, victim, note: () => undefined });
}

/** How often somebody who is well was called dead while so many packets of a hundred were lost each way. */
export async function lossy(field: Field, percent: number, ms: number): Promise<number> {
  await field.until(() => field.whole(), 60_000);
  const before = field.sightings.length;
  for (const { host } of field.players) host.cable.lose(percent);
  await pause(ms);
  for (const { host } of field.players) host.cable.heal();
  return falseDeathsSince(field, before);
}

function falseDeathsSince({ sightings }: Field, before: number): number {
  return sightings.slice(before).filter(({ state, isOfTheWell }) => state === 'dead' && isOfTheWell).length;
}

export async function idle(field: Field, ms: number) {
  await field.until(() => field.whole(), 60_000);
  // Beacons become rare within this.
  await pause(40_000);
  const before = field.used();
  await pause(ms);
  const after = field.used();
  const share = 1_000 / ms / field.players.length;
  return {
    sentPerSecond: (after.sent - before.sent) * share,
    receivedPerSecond: (after.received - before.received) * share,
    cpuPercent: (after.cpuS - before.cpuS) * share * 100,
  };
}
