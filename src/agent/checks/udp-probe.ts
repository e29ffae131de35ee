import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { checkResult, failedResult, type Probe } from './check-result.ts';
import type { UdpWay } from './check-spec.ts';

/** Sends one datagram and waits for one. A closed port is known at once, by ICMP. */
export function udpProbe({ host, port, send, expect }: UdpWay): Probe {
  const payload = Buffer.from(send, 'base64');
  const expected = expect === undefined ? undefined : Buffer.from(expect, 'base64');
  return (done) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    let isClosed = false;
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      socket.close();
    };
    socket.on('error', (error) => {
      close();
      done(failedResult(error));
    });
    socket.on('message', (answer) => {
      close();
      const isRight = expected === undefined || answer.includes(expected);
      const said = `${answer.length} bytes: ${JSON.stringify(answer.toString('latin1'))}`;
      done(checkResult(isRight ? 'passing' : 'critical', isRight ? said : `not what is expected: ${said}`));
    });
    // Connected, so that only its answer counts and a refusal is told.
    socket.connect(port, host, () => {
      if (!isClosed) socket.send(payload);
    });
    return close;
  };
}
