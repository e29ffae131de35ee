import { connect } from 'node:net';

/** `refused`: any certain failure. */
export type ProbeResult = 'connected' | 'refused' | 'timeout';

/** Tries once; tells the result at most once, later. Returns how to give up. */
export type Probe = (done: (result: ProbeResult) => void) => () => void;

/** Is somebody listening there? */
export function tcpProbe(host: string, port: number): Probe {
  return (done) => {
    const socket = connect({ host, port });
    socket.on('connect', () => {
      done('connected');
      socket.destroy();
    });
    socket.on('error', () => done('refused'));
    return () => void socket.destroy();
  };
}
