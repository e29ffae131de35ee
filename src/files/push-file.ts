import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ByteChannel } from '../api/byte-channel.ts';
import type { Mesh } from '../api/mesh.ts';
import type { Instance } from '../api/outcome.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { deadlineMsMax } from '../protocol/limits.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { systemRandom } from '../runtime/system-random.ts';
import { checkFileName } from './file-name.ts';
import { fileSource, type PushSource, readableSource } from './push-source.ts';
import { countOf, type PushHead, pushCommand, pushParams, type SavedFile, savedFile } from './push-wire.ts';
import { goneError, sendBytes } from './send-bytes.ts';

/** What becomes of a push. */
export type PushEvent =
  /** Accepted; `offset`: so much is there from before. */
  | { readonly type: 'begun'; readonly instance: Instance; readonly offset: number }
  /** So much is on its way or there. */
  | { readonly type: 'progress'; readonly bytes: number }
  /** Broken off; it is tried again. */
  | { readonly type: 'broken'; readonly code: ErrorCode; readonly reason: string; readonly retryInMs: number };

export interface PushOptions {
  /** Under which it is to be saved. Default: the file's own. A stream needs one. */
  readonly name?: string;
  /** After a broken link, how long without any progress before it is given up. Default 60,000. */
  readonly retryForMs?: number;
  readonly signal?: AbortSignal;
  /** The service in whose name it is sent. Default none. */
  readonly from?: string;
  readonly onEvent?: (event: PushEvent) => void;
}

export interface PushedFile extends SavedFile {
  /** `name` is what it was saved as, there. */
  readonly instance: Instance;
  /** How often a broken link was got over. */
  readonly resumed: number;
}

const retryForMsDefault = 60_000;
const pauseMsMin = 100;
const pauseMsMax = 2_000;

/** What passes by itself once the push has begun: links and agents come back. */
const passingCodes: ReadonlySet<ErrorCode> = new Set([
  'link-lost',
  'unreachable',
  'no-instance',
  'no-agent',
  'busy',
  'draining',
  'closed',
  'deadline',
]);

/** A receiver that was restarted reads again what it has: at least so much a second. */
const digestBytesPerMs = 50_000;
const openMs = 30_000;

/**
 * Sends a file of any size to an instance that saves files (`saveFiles`, `fogata listen SERVICE --save DIR`). Resolves once
 * it is whole there, verified by SHA-256 and synced to the disk. After a broken link it goes on where it broke off, at the
 * same instance; so does a later push of the same file. A `Readable` cannot go on. Rejects with FogataError: `invalid` for
 * what cannot be read, `failed` for what changed meanwhile, `storage` where it cannot be saved, else why it was refused or broken off.
 */
export async function pushFile(
  mesh: Pick<Mesh, 'open'>,
  address: string,
  file: string | Readable,
  options: PushOptions = {},
): Promise<PushedFile> {
  const transfer = Buffer.from(systemRandom().bytes(16)).toString('hex');
  const source = await sourceOf(file, options.name, transfer);
  try {
    const wrong = checkFileName(source.name);
    if (wrong !== undefined)
      throw new FogataError('invalid', `${JSON.stringify(source.name)}: ${wrong}; name it otherwise`);
    const content = createHash('sha256').update(`${source.name}\0${source.mark}`).digest('hex').slice(0, 8);
    const { name, bytes } = source;
    return await new Push(mesh, address, source, { name, bytes, transfer, content }, options).run();
  } finally {
    await source.close();
  }
}

function sourceOf(file: string | Readable, name: string | undefined, mark: string): Promise<PushSource> | PushSource {
  if (typeof file === 'string') return fileSource(file, name);
  if (!(file instanceof Readable)) throw new FogataError('invalid', 'a file is a path or a Readable');
  if (name === undefined) throw new FogataError('invalid', 'what comes from a stream needs a name');
  return readableSource(file, name, mark);
}

class Push {
  private readonly mesh: Pick<Mesh, 'open'>;
  private readonly source: PushSource;
  private readonly head: PushHead;
  private readonly options: PushOptions;
  private readonly clock = systemClock();
  private address: string;
  private instance: Instance | undefined;
  private movedAt = 0;
  private resumed = 0;
  private isRead = false;

  constructor(mesh: Pick<Mesh, 'open'>, address: string, source: PushSource, head: PushHead, options: PushOptions) {
    this.mesh = mesh;
    this.address = address;
    this.source = source;
    this.head = head;
    this.options = options;
  }

  async run(): Promise<PushedFile> {
    const { retryForMs = retryForMsDefault } = this.options;
    let pauseMs = pauseMsMin;
    for (;;) {
      const movedBefore = this.movedAt;
      try {
        const saved = await this.attempt();
        return { ...saved, instance: this.instance as Instance, resumed: this.resumed };
      } catch (error) {
        const { code, message } = FogataError.from(error);
        const isPassing = this.instance !== undefined && passingCodes.has(code) && !this.isOnceOnly();
        if (!isPassing || this.clock.now() - this.movedAt > retryForMs) throw error;
        if (this.movedAt > movedBefore) pauseMs = pauseMsMin;
        this.tell({ type: 'broken', code, reason: message, retryInMs: pauseMs });
        await this.pause(pauseMs);
        pauseMs = Math.min(pauseMsMax, pauseMs * 2);
      }
    }
  }

  /** What was read of a stream is gone. */
  private isOnceOnly(): boolean {
    return this.isRead && this.source.bytes === undefined;
  }

  private async attempt(): Promise<SavedFile> {
    const { signal, from } = this.options;
    const channel = await this.mesh.open(this.address, pushCommand, {
      params: pushParams(this.head),
      deadlineMs: Math.min(deadlineMsMax, openMs + (this.head.bytes ?? 0) / digestBytesPerMs),
      ...(signal === undefined ? {} : { signal }),
      ...(from === undefined ? {} : { from }),
    });
    const { service, node } = channel.instance;
    if (this.instance !== undefined) this.resumed += 1;
    this.instance = channel.instance;
    // What is there is there, so it goes on there.
    this.address = `${service}@${node}`;
    const answer = wholeAnswer(channel);
    // Awaited after all is sent; a channel that breaks off before is told by the sending.
    answer.catch(() => undefined);
    try {
      if (channel.params['saved'] === undefined) await this.send(channel);
      return savedFile(await answer);
    } catch (error) {
      const failure = channel.errored === null ? FogataError.from(error) : goneError(channel);
      channel.destroy(failure);
      throw failure;
    }
  }

  private async send(channel: ByteChannel): Promise<void> {
    const { source } = this;
    const offered = countOf('offset', channel.params['offset'] ?? '');
    const prefix: Hash | undefined = await source.prefix(offered);
    const isSame = prefix?.copy().digest('hex') === channel.params['sha256'];
    const from = isSame ? offered : 0;
    const hash = isSame && prefix !== undefined ? prefix : createHash('sha256');
    let bytes = from;
    this.movedAt = this.clock.now();
    this.tell({ type: 'begun', instance: channel.instance, offset: from });
    this.isRead = true;
    await sendBytes(channel, source, from, hash, (count) => {
      bytes += count;
      this.movedAt = this.clock.now();
      this.tell({ type: 'progress', bytes });
    });
  }

  private tell(event: PushEvent): void {
    this.options.onEvent?.(event);
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.options;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        timer.cancel();
        reject(new FogataError('cancelled', 'whoever pushed it gave up'));
      };
      const timer = this.clock.schedule(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

/** An honest answer is a line. */
const answerBytesMax = 4_096;

function wholeAnswer(channel: ByteChannel): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    channel.setEncoding('utf8');
    channel.on('data', (piece: string) => {
      text += piece;
      if (text.length > answerBytesMax) channel.destroy(new FogataError('protocol', 'the answer has no end'));
    });
    channel.once('end', () => resolve(text));
    channel.once('close', () => reject(goneError(channel)));
  });
}
