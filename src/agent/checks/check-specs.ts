import { parseDuration } from '../parse-duration.ts';
import { targetLocation } from '../target-location.ts';
import { checkWays, type GivenCheck, hexPayload } from './check-schema.ts';
import type { CheckSpec, CheckTerms, CheckTls, HeartbeatWay, HttpWay, ProbedWay } from './check-spec.ts';

type CheckFields = Exclude<GivenCheck, string>;

const intervalMsDefault = 1_000;
const timeoutMsDefault = 1_000;
/** A command costs a process each time. */
const commandIntervalMsDefault = 10_000;
const commandTimeoutMsDefault = 5_000;
const graceMsDefault = 10_000;

/** The program whose checks these are; its `url` has passed `checkTargetUrl`. */
interface Checked {
  readonly service: string;
  readonly url: string;
}

/** What was given, with defaults; nothing given: whether somebody listens. */
export function checkSpecs(target: Checked, given: readonly GivenCheck[]): CheckSpec[] {
  const all: readonly GivenCheck[] = given.length === 0 ? [{ tcp: true }] : given;
  const specs = all.map((one) => specOf(target, typeof one === 'string' ? { http: one } : one));
  return specs.map((spec, i) => ({ ...spec, name: uniqueName(specs, i) }));
}

function specOf(target: Checked, given: CheckFields): CheckSpec {
  const way = wayOf(target, given);
  return { ...termsOf(given), ...way };
}

function termsOf(given: CheckFields): CheckTerms {
  const isCommand = given.command !== undefined;
  const intervalMs = durationOf(given.interval, isCommand ? commandIntervalMsDefault : intervalMsDefault);
  const timeoutMs = isCommand ? commandTimeoutMsDefault : timeoutMsDefault;
  return {
    name: given.name ?? nameOf(given),
    intervalMs,
    timeoutMs: Math.min(intervalMs, durationOf(given.timeout, timeoutMs)),
    rise: given.rise ?? 1,
    fall: given.fall,
    graceMs: durationOf(given.grace, graceMsDefault),
  };
}

function nameOf(given: CheckFields): string {
  const way = checkWays.find((each) => given[each] !== undefined) ?? 'tcp';
  if (way === 'http') return `http ${given.http ?? ''}`.slice(0, 63);
  return way === 'grpc' && typeof given.grpc === 'string' && given.grpc !== ''
    ? `grpc ${given.grpc}`.slice(0, 63)
    : way;
}

function uniqueName(specs: readonly CheckSpec[], index: number): string {
  const { name } = specs[index] as CheckSpec;
  const before = specs.slice(0, index).filter((spec) => spec.name === name).length;
  return before === 0 ? name : `${name} (${before + 1})`;
}

function wayOf({ service, url }: Checked, given: CheckFields): ProbedWay | HeartbeatWay {
  const { host, port: ownPort, authority } = targetLocation(url);
  const port = given.port ?? ownPort;
  if (given.http !== undefined) return httpWay(`http://${authority}`, given.http, given);
  if (given.command !== undefined) {
    const { command } = given;
    return { way: 'command', service, command: typeof command === 'string' ? ['/bin/sh', '-c', command] : command };
  }
  if (given.heartbeat !== undefined) return { way: 'heartbeat', withinMs: durationOf(given.heartbeat, 0) };
  if (given.grpc !== undefined) {
    const tls = given.tls === undefined ? undefined : tlsOf(given.tls);
    return { way: 'grpc', host, port, service: given.grpc === true ? '' : given.grpc, tls };
  }
  if (given.udp !== undefined) {
    const expect = given.expect === undefined ? undefined : base64Of(given.expect);
    return { way: 'udp', host, port, send: base64Of(given.udp), expect };
  }
  return { way: 'tcp', host, port };
}

function httpWay(base: string, http: string, given: CheckFields): HttpWay {
  const { method = 'GET', headers = {}, status = '200-299', contains, matches } = given;
  return {
    way: 'http',
    // From the root, not below the path of the program's own URL.
    url: new URL(http, base).href,
    method,
    headers,
    status: (Array.isArray(status) ? status : [status]).map(rangeOf),
    contains,
    matches,
    tls: tlsOf(given.tls),
  };
}

function rangeOf(status: number | string): readonly [number, number] {
  if (typeof status === 'number') return [status, status];
  const [from = 0, to = 0] = status.split('-').map(Number);
  return [from, to];
}

function tlsOf(given: CheckFields['tls']): CheckTls {
  return { ca: given?.ca, insecure: given?.insecure ?? false, serverName: given?.serverName };
}

function base64Of(text: string): string {
  const hex = hexPayload.exec(text)?.[1];
  return Buffer.from(hex ?? text, hex === undefined ? 'utf8' : 'hex').toString('base64');
}

function durationOf(given: string | number | undefined, otherwise: number): number {
  return given === undefined ? otherwise : (parseDuration(String(given)) ?? otherwise);
}
