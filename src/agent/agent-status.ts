import type { NodeStatus } from '../node/node.ts';
import type { ServiceState } from '../protocol/service-entry.ts';

/** `GET /v1/status`: the node, and the daemon around it. */
export interface AgentStatus extends NodeStatus {
  readonly agent: {
    readonly software: string;
    readonly pid: number;
    /** `127.0.0.1:7471`; null when there is no HTTP port. */
    readonly http: string | null;
    /** `127.0.0.1:7473`; null when names are not answered by DNS. */
    readonly dns: string | null;
    readonly socket: string;
    readonly data: string;
    /** Programs linked at this moment. */
    readonly programs: number;
    /** The plain programs it serves. */
    readonly serves: readonly {
      readonly service: string;
      readonly url: string;
      readonly by: 'config' | 'program';
      readonly state: ServiceState;
    }[];
  };
}
