import type { Paint } from '../paint.ts';
import { showDuration } from '../show-time.ts';

/** All there is to see at one moment. */
export interface DemoState {
  readonly elapsedMs: number;
  readonly url: string;
  readonly act: number;
  readonly title: string;
  readonly story: readonly string[];
  readonly hosts: readonly HostState[];
  readonly askedPerSecond: number;
  readonly calls: number;
  readonly failed: number;
  readonly lost: number;
  readonly worstMs: number;
  readonly medianMs: number;
  readonly worsts: readonly number[];
}

export interface HostState {
  readonly name: string;
  readonly program: string;
  readonly agent: 'alive' | 'degraded' | 'suspect' | 'dead' | 'left' | 'unknown';
  /** What its own agent says of the program; `none`: it serves nobody. */
  readonly instance: string;
  readonly agentRuns: boolean;
  readonly programRuns: boolean;
  readonly perSecond: number;
}

const barWidth = 18;
const agentWidth = 20;
const programWidth = 20;
const width = 78;
const bars = '▁▂▃▄▅▆▇█';

/** The live view, redrawn in place. Every line is at most 80 characters wide. */
export function demoView(state: DemoState, paint: Paint): string[] {
  const clock = timeText(state.elapsedMs);
  const title = 'fogata demo';
  const subtitle = '  four hosts, one mesh, no server in the middle';
  const rule = paint.dim(`  ${'─'.repeat(width - 2)}`);
  return [
    '',
    `  ${paint.bold(title)}${paint.dim(subtitle.padEnd(width - 2 - title.length - clock.length))}${paint.dim(clock)}`,
    rule,
    `  ${paint.bold(`${state.act}  ${state.title}`)}`,
    ...[0, 1].map((i) => `     ${state.story[i] ?? ''}`),
    '',
    paint.dim(`  ${'HOST'.padEnd(10)}${'AGENT'.padEnd(agentWidth)}${'PROGRAM'.padEnd(programWidth)}ANSWERS/S`),
    ...state.hosts.map((host) => hostLine(host, state, paint)),
    '',
    ...totalLines(state, paint),
    rule,
    paint.dim('  ctrl-C ends it, and everything it has started'),
  ];
}

function hostLine(host: HostState, { askedPerSecond }: DemoState, paint: Paint): string {
  const name = paint.bold(host.name.padEnd(10));
  const agent = stateCell('', host.agentRuns ? host.agent : killedAs(host.agent), agentWidth, paint);
  if (host.instance === 'none') {
    const caller = `▸ ${host.program}`.padEnd(programWidth);
    return `  ${name}${agent}${paint.cyan(caller)}${paint.dim('asks')} ${askedPerSecond}/s`;
  }
  const program = stateCell(host.program, host.programRuns ? host.instance : 'killed', programWidth, paint);
  const share = askedPerSecond === 0 ? 0 : Math.min(1, host.perSecond / askedPerSecond);
  const bar = paint.green('█'.repeat(Math.round(share * barWidth)));
  return `  ${name}${agent}${program}${String(host.perSecond).padStart(4)}  ${bar}`.trimEnd();
}

/** It is gone, and what the others make of that. */
function killedAs(state: HostState['agent']): string {
  return state === 'alive' || state === 'unknown' ? 'killed' : `killed, ${state}`;
}

/** A dot, a name, and a word where something is not as it should be. */
function stateCell(name: string, state: string, cellWidth: number, paint: Paint): string {
  const isGood = state === 'alive' || state === 'up';
  const isGone = state.startsWith('killed') || state === 'dead' || state === 'down';
  const brush = isGood ? paint.green : isGone ? paint.red : paint.yellow;
  const word = isGood && name !== '' ? '' : state === 'unknown' ? 'starting' : state;
  const text = [name, word].filter((part) => part !== '').join(' ');
  const shown = isGood ? text : brush(text);
  return `${brush(isGone ? '○' : '●')} ${shown}${' '.repeat(Math.max(1, cellWidth - 2 - text.length))}`;
}

function totalLines(state: DemoState, paint: Paint): string[] {
  if (state.calls === 0) return ['', '', ''];
  const bad = (count: number, name: string): string =>
    count === 0 ? paint.green(`0 ${name}`) : paint.red(`${count} ${name}`);
  const totals = `${bad(state.failed, 'failed')}   ${bad(state.lost, 'lost')}`;
  // The last step is not over yet.
  const worsts = state.worsts.slice(0, -1);
  const top = Math.max(...worsts, 1);
  const line = worsts.map((ms) => bars[Math.min(bars.length - 1, Math.floor((ms / top) * bars.length))]).join('');
  return [
    `  ${paint.bold(group(state.calls))} calls to ${paint.cyan(state.url)}   ${totals}`,
    `  slowest of each half second ${paint.yellow(line)} ${paint.dim(`█ ${showDuration(top)}`)}`,
    `  median ${showDuration(state.medianMs)}   slowest of all ${showDuration(state.worstMs)}`,
  ];
}

/** `12345` as `12,345`. */
export function group(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The same in one line, for pipes and logs. */
export function demoLine(state: DemoState): string {
  const answers = state.hosts
    .filter((host) => host.program === 'CRM')
    .map((host) => `${host.name} ${host.perSecond}/s`);
  const totals = `${group(state.calls)} calls, ${state.failed} failed, ${state.lost} lost`;
  return `${timeText(state.elapsedMs)}  ${answers.join('  ')}  ${totals}, worst ${showDuration(state.worstMs)}`;
}
