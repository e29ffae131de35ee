import type { KeepAliveTiming } from '../links/keep-alive.ts';
import type { FogataNode } from '../node/node.ts';
import { clusterTag } from '../protocol/cluster-tag.ts';
import type { Hello } from '../protocol/hello.ts';
import { programsMax } from '../protocol/limits.ts';
import { versionsSpoken } from '../protocol/version.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { ProgramLink } from './program-link.ts';
import { createProgramTools } from './program-tools.ts';

/** A program on the same host answers in microseconds; one that is stopped in a debugger should not be cut off too soon. */
const keepAlive: KeepAliveTiming = { intervalMs: 5_000, timeoutMs: 30_000 };

/** [F1] */
const openTimeoutMs = 5_000;

export interface ProgramEndpointOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly node: FogataNode;
  /** Name and version of this software, for people. */
  readonly software: string;
  /** What a program's `status` request is answered. */
  readonly status: () => object;
}

/** Where programs reach their agent with frames: over the Unix socket or an upgraded HTTP connection. */
export interface ProgramEndpoint {
  /** Programs that are linked. */
  readonly count: number;
  /** Takes a stream that was not started yet. */
  accept(stream: ByteStream): void;
  /** Says goodbye to all programs and takes no more. */
  close(): void;
}

export function createProgramEndpoint(options: ProgramEndpointOptions): ProgramEndpoint {
  const { clock, log, node } = options;
  const links = new Set<ProgramLink>();
  const tools = createProgramTools(clock);
  let closed = false;
  const hello: Hello = {
    ...versionsSpoken,
    clusterTag: clusterTag(node.cluster),
    role: 'node',
    node: node.id,
    incarnation: node.status().incarnation,
    nodePort: node.local.port,
    nodeName: node.name,
    clusterName: node.cluster,
    software: options.software,
  };

  function full(): string | undefined {
    if (closed) return 'the agent is stopping';
    return links.size > programsMax ? `${programsMax} programs are linked already` : undefined;
  }

  return {
    get count() {
      return links.size;
    },
    accept(stream) {
      const link = new ProgramLink(stream, {
        clock,
        log,
        node,
        hello,
        keepAlive,
        openTimeoutMs,
        full,
        status: options.status,
        tools,
        onClose(reason) {
          links.delete(link);
          log.debug('program left', { reason: reason ?? 'in order', programs: links.size });
        },
      });
      links.add(link);
    },
    close() {
      closed = true;
      for (const link of links) link.leave();
    },
  };
}
