import { reasonBytesMax } from '../protocol/limits.ts';
import { cutUtf8 } from '../protocol/utf8.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { FlapDamping, type WorkingState, worseOf } from './flap-damping.ts';
import type { ProvisionHealth } from './provider.ts';

export interface ProviderWordOptions {
  readonly clock: Clock;
  readonly initial: WorkingState;
  /** It is down when no heartbeat came for so long; undefined: it needs none. */
  readonly heartbeatWithinMs: number | undefined;
  /** `state` is another. */
  readonly onChange: () => void;
}

/** What is said of one provider: by its check, by itself, and by its silence. The worst counts, damped. */
export class ProviderWord {
  readonly #options: ProviderWordOptions;
  readonly #damping: FlapDamping;
  #stated: WorkingState;
  #beaten: WorkingState = 'up';
  #note = '';
  #since: number;
  #told: WorkingState;
  #silence: Timer | undefined;
  #silentAt = Number.POSITIVE_INFINITY;
  #release: Timer | undefined;

  constructor(options: ProviderWordOptions) {
    this.#options = options;
    this.#damping = new FlapDamping(options.initial);
    this.#stated = options.initial;
    this.#told = options.initial;
    this.#since = options.clock.now();
    this.#awaitBeat();
  }

  get state(): WorkingState {
    return this.#damping.shown;
  }

  setState(state: WorkingState, note: string): void {
    this.#stated = state;
    this.#say(note);
  }

  heartbeat(state: WorkingState, note: string): void {
    this.#beaten = state;
    this.#awaitBeat();
    this.#say(note);
  }

  health(): Pick<ProvisionHealth, 'said' | 'since' | 'note' | 'heldMs' | 'heartbeatDueMs'> {
    const { said, isHeld, holdMs } = this.#damping;
    const now = this.#options.clock.now();
    return {
      said,
      since: this.#since,
      note: this.#note,
      heldMs: isHeld ? holdMs : undefined,
      heartbeatDueMs: this.#silence === undefined ? undefined : Math.max(0, this.#silentAt - now),
    };
  }

  stop(): void {
    this.#silence?.cancel();
    this.#release?.cancel();
    this.#silence = undefined;
  }

  #awaitBeat(): void {
    const { clock, heartbeatWithinMs } = this.#options;
    if (heartbeatWithinMs === undefined) return;
    this.#silence?.cancel();
    this.#silentAt = clock.now() + heartbeatWithinMs;
    this.#silence = clock.schedule(heartbeatWithinMs, () => {
      this.#beaten = 'down';
      this.#say(`no heartbeat for ${heartbeatWithinMs} ms`);
    });
  }

  #say(note: string): void {
    const { clock } = this.#options;
    this.#note = cutUtf8(note, reasonBytesMax);
    this.#damping.say(worseOf(this.#stated, this.#beaten), clock.now());
    this.#tell();
  }

  #tell(): void {
    const { clock, onChange } = this.#options;
    this.#release?.cancel();
    const { dueAt } = this.#damping;
    if (dueAt !== undefined) {
      this.#release = clock.schedule(Math.max(0, dueAt - clock.now()), () => {
        this.#damping.look(clock.now());
        this.#tell();
      });
    }
    if (this.#told === this.state) return;
    this.#told = this.state;
    this.#since = clock.now();
    onChange();
  }
}
