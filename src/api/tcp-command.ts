/** The command of a stream that is one TCP connection: what `fogata forward` opens and `tcp://` programs take. */
export const tcpCommand = 'tcp';
