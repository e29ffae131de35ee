import type { WorkKind } from '../delivery/chooser.ts';
import type { Instance } from '../directory/directory.ts';
import type { LoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Candidate } from '../selection/candidate.ts';
import { type Field, fieldOf } from '../selection/field.ts';
import { InstanceTrack } from '../selection/instance-track.ts';
import { hashOf } from '../selection/rendezvous.ts';
import { ServiceFigures } from '../selection/service-figures.ts';

export interface ServicePoolOptions {
  readonly service: string;
  readonly self: NodeId;
  readonly loads: LoadTable;
  readonly memberOf: (node: NodeId) => Member | undefined;
  readonly isSameHost: (member: Member) => boolean;
}

/** Fields kept ready beside the three for any instance: one for each node or label somebody asks for. */
const fieldsMax = 256;
/** Round trips change without anybody being told: they are looked at this often. */
const freshMs = 1_000;

/** The instances of one service, ready to be chosen from. What is known of each outlives changes of the directory. */
export class ServicePool {
  readonly figures = new ServiceFigures();
  readonly tracks = new Map<NodeId, InstanceTrack>();
  readonly #options: ServicePoolOptions;
  readonly #plain = new Map<string, Field>();
  readonly #fields = new Map<string, Field>();
  readonly #ups = new Set<NodeId>();
  #all: readonly Candidate[] = [];
  #instances: readonly Instance[] | undefined;
  #generation = -1;
  #staleAt = 0;

  constructor(options: ServicePoolOptions) {
    this.#options = options;
  }

  /** All that are neither dead nor gone. */
  get all(): readonly Candidate[] {
    return this.#all;
  }

  /** To be called before each use. `generation` changes with the membership, `instances` with the directory. */
  refresh(instances: readonly Instance[], generation: number, now: number): void {
    if (instances === this.#instances && generation === this.#generation && now < this.#staleAt) return;
    this.#instances = instances;
    this.#generation = generation;
    this.#staleAt = now + freshMs;
    this.#fields.clear();
    this.#plain.clear();
    this.#all = this.#build(instances, now);
  }

  /** Of the candidates those that can take `kind` and fit. `key` names what `fits` asks for; `''` is all. */
  field(kind: WorkKind | undefined, key: string, fits: (candidate: Candidate) => boolean): Field {
    const fields = key === '' ? this.#plain : this.#fields;
    const name = key === '' ? (kind ?? '') : `${kind ?? ''} ${key}`;
    let field = fields.get(name);
    if (field === undefined) {
      if (fields.size >= fieldsMax) fields.clear();
      const fitting = this.#all.filter(
        (candidate) => (kind === undefined || candidate.entry.kinds[kind]) && fits(candidate),
      );
      field = fieldOf(fitting, this.figures);
      fields.set(name, field);
    }
    return field;
  }

  forget(node: NodeId): void {
    this.tracks.get(node)?.forget();
    this.tracks.delete(node);
    this.#ups.delete(node);
    this.#staleAt = 0;
  }

  #build(instances: readonly Instance[], now: number): Candidate[] {
    const { self, memberOf, isSameHost } = this.#options;
    const isFirst = this.tracks.size === 0;
    const all: Candidate[] = [];
    for (const { node, entry } of instances) {
      const member = memberOf(node);
      if (member === undefined || member.state === 'dead' || member.state === 'left') {
        this.#ups.delete(node);
        continue;
      }
      const { name, minRttMs, state } = member;
      const isShaky = state === 'degraded' && (member.unstable || member.cause === 'stalled');
      const track = this.#trackOf(node, now);
      const isUp = entry.state === 'up' || entry.state === 'warning';
      if (!isUp) this.#ups.delete(node);
      else if (!this.#ups.has(node)) {
        this.#ups.add(node);
        // Who was there before this node looked may be as old as any.
        if (!isFirst) track.firstSeenAt = now;
      }
      const sameHost = node === self || isSameHost(member);
      const { budget } = this.figures;
      all.push({ node, name, hash: hashOf(name), sameHost, rttMs: minRttMs, state, isShaky, entry, track, budget });
    }
    return all;
  }

  #trackOf(node: NodeId, now: number): InstanceTrack {
    let track = this.tracks.get(node);
    if (track === undefined) {
      track = new InstanceTrack(this.figures);
      this.tracks.set(node, track);
      this.takeLoad(node, now);
    }
    return track;
  }

  /** What is known of its load is looked up again. */
  takeLoad(node: NodeId, now: number): void {
    const track = this.tracks.get(node);
    const known = track === undefined ? undefined : this.#options.loads.get(node, this.#options.service, now);
    if (track === undefined || known === undefined) return;
    if (known.load !== undefined) track.noteLoad(now - known.ageMs, known.load);
    if (known.inFlight !== undefined) track.inFlightThere = known.inFlight;
  }
}
