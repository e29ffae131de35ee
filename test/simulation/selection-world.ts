import type { NodeId } from '../../src/protocol/ids.ts';
import type { Candidate } from '../../src/selection/candidate.ts';
import { chooseBest } from '../../src/selection/choose-best.ts';
import { type Field, fieldOf } from '../../src/selection/field.ts';
import { InstanceTrack } from '../../src/selection/instance-track.ts';
import { ServiceFigures } from '../../src/selection/service-figures.ts';
import { createVirtualRandom } from '../../src/testing/virtual-random.ts';
import { createEventHeap } from './event-heap.ts';

/** An instance with so many workers in front of one queue; the work has exponential length. */
export interface SimulatedInstance {
  readonly workers: number;
  readonly meanMs: number;
  /** It fails at once whatever it is given. */
  readonly fails?: boolean;
  /** It stands still for so long, again and again. */
  readonly freezes?: { readonly everyMs: number; readonly forMs: number };
  /** So many times as slow, and its host so loaded, by another program. */
  readonly burned?: { readonly fromMs: number; readonly toMs: number; readonly slower: number };
  readonly startsAtMs?: number;
}

export type Policy = 'ours' | 'random' | 'least-told' | 'oracle';

export interface Scene {
  readonly seed: string;
  readonly instances: readonly SimulatedInstance[];
  /** Each a node of its own, which knows what it has met with itself and what it was told. */
  readonly callers: number;
  /** Of all callers together, as a Poisson process. */
  readonly callsPerSecond: number;
  readonly forMs: number;
  readonly policy: Policy;
  /** How often each instance tells its load. */
  readonly toldEveryMs?: number;
}

export interface SceneResult {
  /** From the call to its answer, sorted. */
  readonly latencies: readonly number[];
  readonly calls: number;
  /** Failures that reached a caller. */
  readonly errors: number;
  readonly retries: number;
  /** In hand at each instance, every 10 ms of the second half. */
  readonly inHand: readonly (readonly number[])[];
  /** Attempts at each instance, by half seconds. */
  readonly attempts: readonly (readonly number[])[];
}

const wayMs = 0.1;
const sampleMs = 10;
const sliceMs = 500;
const attemptsMax = 3;

interface Job {
  left: number;
  endsAt: number;
  ticket: number;
  readonly done: () => void;
}

/** One run: real choices, simulated everything else. */
export function playScene(scene: Scene): SceneResult {
  return new SelectionWorld(scene).run();
}

class Instance {
  readonly spec: SimulatedInstance;
  readonly queue: Job[] = [];
  readonly running = new Set<Job>();
  frozen = false;
  load = 0;

  constructor(spec: SimulatedInstance) {
    this.spec = spec;
  }

  get inHand(): number {
    return this.queue.length + this.running.size;
  }

  slownessAt(now: number): number {
    const { burned } = this.spec;
    return burned !== undefined && now >= burned.fromMs && now < burned.toMs ? burned.slower : 1;
  }
}

interface Caller {
  readonly figures: ServiceFigures;
  readonly all: readonly Candidate[];
  field: Field;
}

class SelectionWorld {
  readonly #scene: Scene;
  readonly #random: () => number;
  readonly #heap = createEventHeap();
  readonly #instances: readonly Instance[];
  readonly #callers: readonly Caller[];
  readonly #latencies: number[] = [];
  readonly #inHand: number[][] = [];
  readonly #attempts: number[][] = [];
  #slice: number[];
  #now = 0;
  #calls = 0;
  #errors = 0;
  #retries = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#random = createVirtualRandom(scene.seed).next;
    this.#instances = scene.instances.map((spec) => new Instance(spec));
    this.#callers = Array.from({ length: scene.callers }, () => this.#newCaller());
    this.#slice = this.#instances.map(() => 0);
  }

  run(): SceneResult {
    this.#instances.forEach((instance, at) => this.#bringToLife(instance, at));
    for (const caller of this.#callers) this.#keepCalling(caller);
    this.#every(sampleMs, () => {
      if (this.#now > this.#scene.forMs / 2) this.#inHand.push(this.#instances.map((instance) => instance.inHand));
    });
    this.#every(sliceMs, () => {
      this.#attempts.push(this.#slice);
      this.#slice = this.#instances.map(() => 0);
    });
    for (let event = this.#heap.take(); event !== undefined; event = this.#heap.take()) {
      if (event.at > this.#scene.forMs) break;
      this.#now = event.at;
      event.act();
    }
    return {
      latencies: this.#latencies.sort((a, b) => a - b),
      calls: this.#calls,
      errors: this.#errors,
      retries: this.#retries,
      inHand: this.#inHand,
      attempts: this.#attempts,
    };
  }

  #newCaller(): Caller {
    const figures = new ServiceFigures();
    const all = this.#instances.map(({ spec }, at): Candidate => {
      const track = new InstanceTrack(figures);
      if (spec.startsAtMs !== undefined) track.firstSeenAt = spec.startsAtMs;
      const kinds = { messages: true, http: true, streams: true };
      const entry = { name: 'crm', state: 'up', kinds, weight: 100, labels: {}, endpoint: undefined } as const;
      const node = at.toString(16).padStart(16, '0') as NodeId;
      const place = { sameHost: false, rttMs: 2 * wayMs, state: 'alive' as const, isShaky: false };
      return { node, name: String(at), hash: at, ...place, entry, track, budget: figures.budget };
    });
    const field = fieldOf(
      all.filter((_, at) => this.#instances[at]?.spec.startsAtMs === undefined),
      figures,
    );
    return { figures, all, field };
  }

  #bringToLife(instance: Instance, at: number): void {
    const { freezes, startsAtMs, burned } = instance.spec;
    if (freezes !== undefined) this.#every(freezes.everyMs, () => this.#freeze(instance, freezes.forMs));
    if (startsAtMs !== undefined) {
      this.#at(startsAtMs, () => {
        for (const caller of this.#callers) caller.field = fieldOf(caller.all, caller.figures);
      });
    }
    // As an operating system's load: a mean of the last second.
    this.#every(25, () => {
      const isBurned = burned !== undefined && instance.slownessAt(this.#now) > 1;
      const busy = isBurned ? 1 : instance.running.size / instance.spec.workers;
      instance.load += (busy - instance.load) * 0.05;
    });
    const toldEveryMs = this.#scene.toldEveryMs ?? 1_000;
    this.#at(this.#random() * toldEveryMs, () => this.#every(toldEveryMs, () => this.#tell(instance, at)));
  }

  #tell(instance: Instance, at: number): void {
    for (const { all } of this.#callers) {
      const track = all[at]?.track;
      track?.noteLoad(this.#now, instance.load);
      if (track !== undefined) track.inFlightThere = instance.inHand;
    }
  }

  #keepCalling(caller: Caller): void {
    const meanMs = (1_000 * this.#scene.callers) / this.#scene.callsPerSecond;
    const next = () => this.#at(this.#now + this.#exponential(meanMs), call);
    const call = () => {
      this.#calls += 1;
      caller.figures.budget.note(this.#now);
      this.#attempt(caller, this.#now, new Set(), 1);
      next();
    };
    next();
  }

  #attempt(caller: Caller, calledAt: number, avoid: ReadonlySet<NodeId>, attempt: number): void {
    const chosen = this.#choose(caller, avoid);
    const at = Number(chosen?.name ?? Number.NaN);
    const instance = this.#instances[at];
    if (chosen === undefined || instance === undefined) {
      this.#errors += 1;
      return;
    }
    this.#slice[at] = (this.#slice[at] ?? 0) + 1;
    const begunAt = this.#now;
    chosen.track.begin(begunAt);
    const end = (ok: boolean) => {
      chosen.track.end(this.#now, this.#now - begunAt, ok ? 'answered' : 'failed');
      if (ok) this.#latencies.push(this.#now - calledAt);
      else if (this.#scene.policy === 'ours' && attempt < attemptsMax && caller.figures.budget.take(this.#now)) {
        this.#retries += 1;
        this.#attempt(caller, calledAt, new Set([...avoid, chosen.node]), attempt + 1);
      } else this.#errors += 1;
    };
    if (instance.spec.fails === true) {
      this.#at(begunAt + 2 * wayMs, () => end(false));
      return;
    }
    const left = this.#exponential(instance.spec.meanMs);
    const done = () => this.#at(this.#now + wayMs, () => end(true));
    this.#at(begunAt + wayMs, () => {
      instance.queue.push({ left, endsAt: 0, ticket: 0, done });
      this.#work(instance);
    });
  }

  #choose({ field }: Caller, avoid: ReadonlySet<NodeId>): Candidate | undefined {
    const { policy } = this.#scene;
    if (policy === 'ours') {
      return chooseBest(field, { now: this.#now, random: this.#random, avoid, seen: undefined });
    }
    const among = field.all;
    if (policy === 'random') return among[Math.floor(this.#random() * among.length)];
    const costOf = policy === 'oracle' ? (it: Candidate) => this.#trueCost(it) : toldCost;
    let best: Candidate | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of among) {
      const cost = costOf(candidate) + this.#random() * 1e-3;
      if (cost < least) {
        best = candidate;
        least = cost;
      }
    }
    return best;
  }

  /** Expected time until it would be done, by one who knows everything but the future. */
  #trueCost({ name }: Candidate): number {
    const instance = this.#instances[Number(name)] as Instance;
    const { workers, meanMs, fails } = instance.spec;
    if (fails === true) return 1e12;
    const eachMs = meanMs * instance.slownessAt(this.#now);
    const waitMs = (Math.max(0, instance.inHand - workers + 1) * eachMs) / workers;
    return eachMs + waitMs + (instance.frozen ? 1e6 : 0);
  }

  #work(instance: Instance): void {
    while (!instance.frozen && instance.running.size < instance.spec.workers) {
      const job = instance.queue.shift();
      if (job === undefined) return;
      instance.running.add(job);
      this.#run(instance, job);
    }
  }

  #run(instance: Instance, job: Job): void {
    job.ticket += 1;
    const { ticket } = job;
    job.endsAt = this.#now + job.left * instance.slownessAt(this.#now);
    this.#at(job.endsAt, () => {
      if (job.ticket !== ticket || !instance.running.delete(job)) return;
      job.done();
      this.#work(instance);
    });
  }

  #freeze(instance: Instance, forMs: number): void {
    instance.frozen = true;
    for (const job of instance.running) {
      job.ticket += 1;
      job.left = job.endsAt - this.#now;
    }
    this.#at(this.#now + forMs, () => {
      instance.frozen = false;
      for (const job of instance.running) this.#run(instance, job);
      this.#work(instance);
    });
  }

  #exponential(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }

  #at(at: number, run: () => void): void {
    this.#heap.add(at, run);
  }

  #every(ms: number, run: () => void): void {
    const again = () => {
      run();
      this.#at(this.#now + ms, again);
    };
    this.#at(this.#now + ms, again);
  }
}

function toldCost({ track }: Candidate): number {
  return Number.isNaN(track.inFlightThere) ? 0 : track.inFlightThere;
}
