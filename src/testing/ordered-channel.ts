import type { Simulation } from './simulation.ts';
import type { Path, Topology } from './topology.ts';

/** First wait before a lost segment is sent again, doubled with each attempt: the figures of Linux's TCP. */
const resendMsMin = 200;
const resendMsMax = 120_000;

/** When TCP gives up (`tcp_retries2` 15). */
const giveUpMs = 924_600;

/** One direction of a connection: what is sent arrives in order and once, however long the network is away. */
export interface OrderedChannel {
  send(onArrival: () => void): void;
  /** In order behind what was sent, but not sent again when it is lost: a reset. */
  sendOnce(onArrival: () => void): void;
  /** Nothing more arrives: the sending kernel has lost its memory. */
  abandon(): void;
}

/** `onGiveUp` is called once, when a segment could not be delivered for about 15 minutes. */
export function createOrderedChannel(
  simulation: Simulation,
  topology: Topology,
  path: Path,
  onGiveUp: () => void,
): OrderedChannel {
  const stalled: (() => void)[] = [];
  let lastArrivalMs = 0;
  let stalledSinceMs = 0;
  let abandoned = false;

  function drawArrivalMs(): number {
    const arrivalMs = simulation.nowMs + topology.drawLatencyMs(path) + drawResendMs(path);
    lastArrivalMs = Math.max(arrivalMs, lastArrivalMs);
    return lastArrivalMs;
  }

  function resend(waitMs: number): void {
    simulation.after(waitMs, undefined, () => {
      if (abandoned) return;
      if (topology.isOpen(path)) {
        for (const onArrival of stalled.splice(0)) onArrival();
      } else if (simulation.nowMs - stalledSinceMs >= giveUpMs) {
        abandoned = true;
        onGiveUp();
      } else {
        resend(Math.min(waitMs * 2, resendMsMax));
      }
    });
  }

  function arrive(onArrival: () => void): void {
    if (abandoned) return;
    if (stalled.length === 0 && topology.isOpen(path)) {
      onArrival();
      return;
    }
    stalled.push(onArrival);
    if (stalled.length > 1) return;
    simulation.trace.note('stream-stalled', simulation.nowMs, path.from.host.party, path.to.host.party, 0);
    stalledSinceMs = simulation.nowMs;
    resend(resendMsMin);
  }

  return {
    send(onArrival) {
      simulation.at(drawArrivalMs(), undefined, () => arrive(onArrival));
    },
    sendOnce(onArrival) {
      // After a power cut the kernel knows nothing of the connection, and says just that to who still writes to it.
      const sentAfterwards = abandoned;
      simulation.at(drawArrivalMs(), undefined, () => {
        if (abandoned === sentAfterwards && topology.isOpen(path)) onArrival();
      });
    },
    abandon() {
      abandoned = true;
      stalled.length = 0;
    },
  };
}

/** Each loss costs a wait before the segment is sent again. */
function drawResendMs(path: Path): number {
  const { segment, random } = path.from;
  if (segment === undefined || path.from.host === path.to.host || segment.conditions.loss === 0) return 0;
  let waitedMs = 0;
  for (let waitMs = resendMsMin; waitMs < resendMsMax && random.next() < segment.conditions.loss; waitMs *= 2) {
    waitedMs += waitMs;
  }
  return waitedMs;
}
