import { canonicalIp } from '../protocol/ip-address.ts';
import { formatHostPort, formatSocketAddress, type HostPort, type SocketAddress } from '../protocol/socket-address.ts';
import type { Timer } from '../runtime/clock.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Condition, createCondition } from './condition.ts';
import type { SeedStatus } from './discovery-status.ts';
import { growingPause, spread } from './growing-pause.ts';
import { lookUpSeed } from './look-up-seed.ts';

/** Addresses of one name that are tried. */
const addressesPerSeedMax = 16;

/** How often it is checked whether the members at a seed's addresses are still there. */
const checkMs = 1_000;

/** A node that knows nobody looks this often, however long it has been at it: the seed may be started at any time. */
const longestPauseSeekingMs = 2_000;

/** How often a name is looked up again while everybody it names is reached: there may be more of them by now. */
const lookUpAgainMs = 30_000;

/** Looks for members at given addresses, for ever, wherever none is alive. All seeds at once: none waits for another. */
export interface SeedFinder {
  start(): void;
  /** Looks up every name now, and begins anew with short pauses. */
  resolveNow(): void;
  stop(): void;
  status(): readonly SeedStatus[];
}

export interface SeedFinderOptions {
  readonly runtime: Runtime;
  readonly seeds: readonly HostPort[];
  readonly isSeeking: () => boolean;
  /** Whether this address may be used in the node's scope. */
  readonly isInScope: (address: string) => boolean;
  /** Whether a live member, or this node itself, is there. */
  readonly isReached: (where: SocketAddress) => boolean;
  /** `via` is the seed as it was given; `dns` when it is a name. */
  readonly onAddress: (where: SocketAddress, method: 'seed' | 'dns', via: string) => void;
}

interface Seed {
  readonly address: HostPort;
  readonly condition: Condition;
  addresses: readonly SocketAddress[];
  tried: number;
  /** Attempts since it was last reached, or `resolveNow`. */
  attempts: number;
  resolving: boolean;
  resolvedAt: number;
  /** Look-ups since it was last reached, or `resolveNow`, and when the next is due. */
  lookUps: number;
  lookUpAt: number;
  timer: Timer | undefined;
}

export function createSeedFinder(options: SeedFinderOptions): SeedFinder {
  const { clock, random, resolver } = options.runtime;
  const { isReached } = options;
  let stopped = false;
  const seeds = options.seeds.map<Seed>((address) => ({
    address,
    condition: createCondition(clock),
    addresses: [],
    tried: 0,
    attempts: 0,
    resolving: false,
    resolvedAt: Number.NEGATIVE_INFINITY,
    lookUps: 0,
    lookUpAt: Number.NEGATIVE_INFINITY,
    timer: undefined,
  }));

  function missing(seed: Seed): readonly SocketAddress[] {
    return seed.addresses.filter((where) => !isReached(where));
  }

  function tell(seed: Seed, where: SocketAddress): void {
    const { host } = seed.address;
    options.onAddress(where, canonicalIp(host) === undefined ? 'dns' : 'seed', formatHostPort(seed.address));
  }

  async function resolve(seed: Seed): Promise<void> {
    if (seed.resolving) return;
    seed.resolving = true;
    try {
      const found = await lookUpSeed(resolver, seed.address);
      const usable = found.filter(({ address }) => options.isInScope(address)).slice(0, addressesPerSeedMax);
      if (usable.length === 0) throw new Error(found.length === 0 ? 'no address' : 'not a loopback address');
      const before = new Set(seed.addresses.map(formatSocketAddress));
      seed.addresses = usable;
      seed.condition.succeed();
      const added = missing(seed).filter((where) => !before.has(formatSocketAddress(where)));
      if (!stopped) for (const where of added) tell(seed, where);
    } catch (error) {
      // Addresses known from before stay in use: a name service that is down must not cost more than itself.
      seed.condition.fail(error);
    }
    seed.resolving = false;
    seed.resolvedAt = clock.now();
  }

  /** Names are not looked up as often as somebody is looked for: name servers serve others, too. */
  function lookUp(seed: Seed): void {
    const now = clock.now();
    if (now < seed.lookUpAt) return;
    seed.lookUps += 1;
    seed.lookUpAt = now + growingPause(seed.lookUps) * 0.75;
    void resolve(seed);
  }

  function attempt(seed: Seed): void {
    seed.tried += 1;
    seed.attempts += 1;
    for (const where of missing(seed)) tell(seed, where);
    lookUp(seed);
    const pauseMs = Math.min(growingPause(seed.attempts), options.isSeeking() ? longestPauseSeekingMs : Infinity);
    seed.timer = clock.schedule(spread(pauseMs, random.next()), () => check(seed));
  }

  function check(seed: Seed): void {
    if (seed.addresses.length === 0 || missing(seed).length > 0) {
      attempt(seed);
      return;
    }
    seed.attempts = 0;
    seed.lookUps = 0;
    if (clock.now() - seed.resolvedAt >= lookUpAgainMs) void resolve(seed);
    seed.timer = clock.schedule(checkMs, () => check(seed));
  }

  function begin(): void {
    for (const seed of seeds) {
      seed.timer?.cancel();
      seed.attempts = 0;
      seed.lookUps = 0;
      seed.lookUpAt = Number.NEGATIVE_INFINITY;
      attempt(seed);
    }
  }

  return {
    start: begin,
    resolveNow() {
      if (!stopped) begin();
    },
    stop() {
      stopped = true;
      for (const seed of seeds) seed.timer?.cancel();
    },
    status: () => seeds.map((seed) => statusOf(seed, missing(seed).length)),
  };
}

function statusOf({ address, addresses, tried, condition }: Seed, missing: number): SeedStatus {
  const { state, lastError, since } = condition;
  const found = addresses.map(formatSocketAddress);
  return { ...address, addresses: found, reached: found.length - missing, tried, state, lastError, since };
}
