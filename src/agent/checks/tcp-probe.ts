import { connect } from 'node:net';
import { checkResult, failedResult, type Probe } from './check-result.ts';
import type { TcpWay } from './check-spec.ts';

/** Is somebody listening there? */
export function tcpProbe({ host, port }: TcpWay): Probe {
  return (done) => {
    const socket = connect({ host, port });
    socket.on('connect', () => {
      done(checkResult('passing', 'connected'));
      socket.destroy();
    });
    socket.on('error', (error) => done(failedResult(error)));
    return () => void socket.destroy();
  };
}
