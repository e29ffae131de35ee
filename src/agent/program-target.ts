import type { ProvideOptions, Provider } from '../delivery/provider.ts';
import { streamsMax } from '../protocol/limits.ts';
import { type HttpTargetOptions, httpTarget } from './http-target.ts';
import { type TargetLocation, targetLocation } from './target-location.ts';
import { tcpTarget } from './tcp-target.ts';

/** A program of this host as an instance of a service. */
export interface ProgramTarget {
  readonly provider: Provider & { close(): void };
  readonly location: TargetLocation;
  readonly kinds: ProvideOptions['kinds'];
  /** Undefined: the usual number. Connections may be idle for days, so one need not mean work. */
  readonly inFlightMax: number | undefined;
}

export type ProgramTargetOptions = Pick<HttpTargetOptions, 'deliverTo' | 'onLoad' | 'onRefused'>;

/** `url` has passed `checkTargetUrl`: `http://…` takes requests and messages, `tcp://…` connections. */
export function programTarget(url: string, options: ProgramTargetOptions): ProgramTarget {
  const location = targetLocation(url);
  if (url.startsWith('tcp:')) {
    const provider = tcpTarget({ location, onRefused: options.onRefused });
    return { provider, location, kinds: { messages: false, http: false, streams: true }, inFlightMax: streamsMax };
  }
  const provider = httpTarget({ ...options, location });
  // Whoever may ask for every path may as well have the port.
  const streams = location.basePath === '';
  return { provider, location, kinds: { messages: true, http: true, streams }, inFlightMax: undefined };
}
