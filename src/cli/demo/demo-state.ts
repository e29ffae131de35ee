import type { CallStatistics } from './call-statistics.ts';
import type { ClusterWatch } from './cluster-watch.ts';
import type { DemoState, HostState } from './demo-view.ts';
import type { Host } from './host.ts';

/** Where the demo has got to: what the view is drawn from. */
export interface Progress {
  readonly startedAt: number;
  readonly hosts: readonly Host[];
  readonly statistics: CallStatistics;
  /** Undefined until the first agent answers. */
  watch: ClusterWatch | undefined;
  act: number;
  title: string;
  story: readonly string[];
}

export function demoState(progress: Progress, now: number): DemoState {
  const { statistics, hosts, act, title, story } = progress;
  statistics.advance(now);
  const states = hosts.map((host) => hostState(host, progress));
  return {
    elapsedMs: now - progress.startedAt,
    url: `http://crm.localhost:${hosts[0]?.httpPort ?? 0}/leads`,
    act,
    title,
    story,
    hosts: states,
    askedPerSecond: states.reduce((sum, host) => sum + host.perSecond, 0),
    calls: statistics.calls,
    failed: statistics.failed + statistics.billing.failed,
    lost: statistics.lost + statistics.billing.lost,
    worstMs: statistics.worstMs,
    medianMs: statistics.medianMs,
    worsts: statistics.worsts,
  };
}

function hostState(host: Host, { watch, statistics }: Progress): HostState {
  const { name, program } = host;
  const isCaller = name === 'erp';
  const service = name === 'billing' ? 'billing' : 'crm';
  return {
    name,
    program,
    agent: watch?.node(name)?.state ?? 'unknown',
    instance: isCaller ? 'none' : (watch?.instance(service, name)?.state ?? 'unknown'),
    agentRuns: host.agent?.isRunning ?? true,
    programRuns: isCaller || (host.server?.isRunning ?? true),
    perSecond: statistics.perSecond(name),
  };
}
