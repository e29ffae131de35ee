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

const barWidth = 24;
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
    paint.dim(`  ${'HOST'.padEnd(10)}${'AGENT'.padEnd(14)}${'PROGRAM'.padEnd(20)}ANSWERS/S`),
    ...state.hosts.map((host) => hostLine(host, state, paint)),
    '',
    ...totalLines(state, paint),
    rule,
  ];
}

function hostLine(host: HostState, { askedPerSecond }: DemoState, paint: Paint): string {
  const agent = dotted(host.agentRuns ? host.agent : 'killed', paint).padEnd(0);
  const programState = host.programRuns ? host.instance : 'killed';
  const isCaller = host.instance === 'none';
  const program = isCaller
    ? padded(`${paint.cyan('▸')} ${host.program}`, 20, `▸ ${host.program}`)
    : padded(
        `${dot(programState, paint)} ${host.program} ${paint.dim(word(programState))}`,
        20,
        `● ${host.program} ${word(programState)}`,
      );
  const share = askedPerSecond === 0 ? 0 : host.perSecond / askedPerSecond;
  const bar = '█'.repeat(Math.round(Math.min(1, share) * barWidth));
  const figure = isCaller
    ? `${paint.dim('asks')} ${askedPerSecond}/s`
    : `${String(host.perSecond).padStart(4)}  ${paint.green(bar)}`;
  const agentWord = host.agentRuns ? host.agent : 'killed';
  return `  ${paint.bold(host.name.padEnd(10))}${padded(agent, 14, `● ${agentWord}`)}${program}${figure}`.trimEnd();
}

/** What is as it should be needs no word. */
function word(state: string): string {
  return state === 'up' ? '' : state;
}

function dotted(state: string, paint: Paint): string {
  return `${dot(state, paint)} ${state === 'alive' ? paint.dim(state) : state}`;
}

function dot(state: string, paint: Paint): string {
  if (state === 'alive' || state === 'up') return paint.green('●');
  return ['killed', 'dead', 'down', 'unknown'].includes(state) ? paint.red('○') : paint.yellow('●');
}

function padded(painted: string, to: number, plain: string): string {
  return painted + ' '.repeat(Math.max(1, to - plain.length));
}

function totalLines(state: DemoState, paint: Paint): string[] {
  const bad = (count: number, name: string): string =>
    count === 0 ? paint.green(`0 ${name}`) : paint.red(`${count} ${name}`);
  const worst = state.worsts.slice(-1 - 40);
  const top = Math.max(20, ...worst);
  const line = worst.map((ms) => bars[Math.min(bars.length - 1, Math.floor((ms / top) * bars.length))]).join('');
  return [
    `  ${paint.bold(group(state.calls))} calls to ${paint.cyan(state.url)}   ${bad(state.failed, 'failed')}   ${bad(state.lost, 'lost')}`,
    `  worst answer of each half second  ${paint.yellow(line)}`,
    `  median ${showDuration(state.medianMs)}   worst of all ${showDuration(state.worstMs)}`,
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
