import type { Probe } from './check-result.ts';
import type { ProbedWay } from './check-spec.ts';
import { commandProbe } from './command-probe.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe } from './http-probe.ts';
import { tcpProbe } from './tcp-probe.ts';
import { udpProbe } from './udp-probe.ts';

/** How a check of this kind looks. */
export function probeOf(way: ProbedWay): Probe {
  switch (way.way) {
    case 'tcp':
      return tcpProbe(way);
    case 'http':
      return httpProbe(way);
    case 'command':
      return commandProbe(way);
    case 'grpc':
      return grpcProbe(way);
    case 'udp':
      return udpProbe(way);
  }
}
