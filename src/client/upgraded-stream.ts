import { FogataError } from '../protocol/fogata-error.ts';
import type { Resolver } from '../runtime/resolver.ts';
import type { ByteStream, StreamEvents, Streams } from '../runtime/streams.ts';

/** An agent's answer to the upgrade: a status line and a few headers. */
const headBytesMax = 8_192;

const endOfHead = Buffer.from('\r\n\r\n');

/** Dials an agent's HTTP port and turns the connection into a program link: `GET /v1/link`, `Upgrade: fogata`. */
export function upgradedStream(
  target: { readonly host: string; readonly port: number },
  tools: { readonly streams: Streams; readonly resolver: Pick<Resolver, 'resolve'> },
): ByteStream {
  return new UpgradedStream(target, tools);
}

class UpgradedStream implements ByteStream {
  readonly remote: { readonly address: string; readonly port: number };
  private readonly tools: { readonly streams: Streams; readonly resolver: Pick<Resolver, 'resolve'> };
  private inner: ByteStream | undefined;
  private events: StreamEvents | undefined;
  /** What is written before the other side has agreed. */
  private waiting: Uint8Array[] | undefined = [];
  private head: Buffer = Buffer.alloc(0);
  private failure: Error | undefined;
  private isDestroyed = false;

  constructor(
    target: { readonly host: string; readonly port: number },
    tools: { readonly streams: Streams; readonly resolver: Pick<Resolver, 'resolve'> },
  ) {
    this.remote = { address: target.host, port: target.port };
    this.tools = tools;
  }

  get queuedBytes(): number {
    return (this.waiting ?? []).reduce((sum, bytes) => sum + bytes.length, this.inner?.queuedBytes ?? 0);
  }

  start(events: StreamEvents): void {
    this.events = events;
    this.tools.resolver.resolve(this.remote.address).then(
      (addresses) => this.dial(addresses[0] ?? this.remote.address),
      (error: unknown) => events.onClose(FogataError.from(error)),
    );
  }

  write(bytes: Uint8Array): boolean {
    if (this.waiting === undefined) return this.inner?.write(bytes) ?? true;
    this.waiting.push(bytes.slice());
    return true;
  }

  writeBoth(first: Uint8Array, second: Uint8Array): boolean {
    this.write(first);
    return this.write(second);
  }

  gather(): void {
    this.inner?.gather();
  }

  together(write: () => void): void {
    if (this.inner === undefined) write();
    else this.inner.together(write);
  }

  pause(): void {
    this.inner?.pause();
  }

  resume(): void {
    this.inner?.resume();
  }

  end(): void {
    this.inner?.end();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.inner?.destroy();
  }

  private dial(address: string): void {
    const { host, port } = { host: this.remote.address, port: this.remote.port };
    const inner = this.tools.streams.connect({ address, port });
    this.inner = inner;
    inner.start({
      onConnect: () => {
        const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        const lines = ['GET /v1/link HTTP/1.1', `Host: ${authority}`, 'Connection: Upgrade', 'Upgrade: fogata', '', ''];
        inner.write(Buffer.from(lines.join('\r\n')));
      },
      onData: (bytes) => (this.waiting === undefined ? this.events?.onData(bytes) : this.onHead(bytes)),
      onDrain: () => this.events?.onDrain(),
      onEnd: () => {
        if (this.waiting === undefined) this.events?.onEnd();
        else this.refuse('it closed the connection');
      },
      onClose: (error) => this.events?.onClose(this.failure ?? error),
    });
    if (this.isDestroyed) inner.destroy();
  }

  private onHead(bytes: Uint8Array): void {
    this.head = Buffer.concat([this.head, bytes]);
    const end = this.head.indexOf(endOfHead);
    if (end < 0) {
      if (this.head.length > headBytesMax) this.refuse('its answer has no end');
      return;
    }
    const status = this.head.toString('latin1', 0, end).split('\r\n', 1)[0] ?? '';
    if (!/^HTTP\/1\.1 101\b/.test(status)) {
      this.refuse(`it answered "${status.slice(0, 80)}"`);
      return;
    }
    const rest = this.head.subarray(end + endOfHead.length);
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    this.head = Buffer.alloc(0);
    for (const each of waiting) this.inner?.write(each);
    this.events?.onConnect();
    if (rest.length > 0) this.events?.onData(rest);
  }

  private refuse(what: string): void {
    const { address, port } = this.remote;
    this.failure ??= new FogataError('no-agent', `${address}:${port} is no agent: ${what}`);
    this.inner?.destroy();
  }
}
