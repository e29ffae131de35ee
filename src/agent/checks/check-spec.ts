/** When a check runs and what becomes of its results. All of it is plain data: two that are written alike are alike. */
export interface CheckTerms {
  /** For people: `http /health`. */
  readonly name: string;
  readonly intervalMs: number;
  /** At most `intervalMs`. */
  readonly timeoutMs: number;
  /** So many better results in a row make it better. */
  readonly rise: number;
  /** So many worse results in a row make it worse; undefined: one that is certain, two that may be a busy host. */
  readonly fall: number | undefined;
  /** While it has not passed once and this has not gone by, it is `starting` and looked at more often. */
  readonly graceMs: number;
}

export interface CheckTls {
  /** File of certificates (PEM); undefined: the system's. */
  readonly ca: string | undefined;
  /** Any certificate will do. */
  readonly insecure: boolean;
  /** The name the certificate must bear; undefined: the host's. */
  readonly serverName: string | undefined;
}

export interface TcpWay {
  readonly way: 'tcp';
  readonly host: string;
  readonly port: number;
}

export interface HttpWay {
  readonly way: 'http';
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ranges of status codes, both ends included. */
  readonly status: readonly (readonly [from: number, to: number])[];
  /** To be found in the first 64 KiB of the body; undefined: the body does not matter. */
  readonly contains: string | undefined;
  /** Source of a regular expression, likewise. */
  readonly matches: string | undefined;
  readonly tls: CheckTls;
}

export interface CommandWay {
  readonly way: 'command';
  readonly service: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

export interface HeartbeatWay {
  readonly way: 'heartbeat';
  readonly withinMs: number;
}

export interface GrpcWay {
  readonly way: 'grpc';
  readonly host: string;
  readonly port: number;
  /** Empty: the server as a whole. */
  readonly service: string;
  /** Undefined: plain. */
  readonly tls: CheckTls | undefined;
}

export interface UdpWay {
  readonly way: 'udp';
  readonly host: string;
  readonly port: number;
  /** Base64. */
  readonly send: string;
  /** Base64 of what the answer must contain; undefined: any answer. */
  readonly expect: string | undefined;
}

export type ProbedWay = TcpWay | HttpWay | CommandWay | GrpcWay | UdpWay;

/** One check of one instance. */
export type CheckSpec = CheckTerms & (ProbedWay | HeartbeatWay);
