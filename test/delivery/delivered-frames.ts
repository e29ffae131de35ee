import { DeliveredWriter, ReceivedDelivered } from '../../src/protocol/delivered.ts';
import { FrameKind } from '../../src/protocol/frame.ts';
import { noNode } from '../../src/protocol/ids.ts';
import { Reader } from '../../src/protocol/reader.ts';

/** The rest of a delivered frame [F15]. */
export function deliveredRest(
  service: string,
  nodes: readonly string[],
  correlations: readonly number[],
  load?: number,
): Uint8Array {
  const writer = new DeliveredWriter();
  writer.begin(service, nodes);
  for (const correlation of correlations) writer.correlations.add(correlation);
  return writer.view(load).slice();
}

/** What one says. `first`: the correlation in its header. Throws where it is malformed. */
export function deliveredIn(rest: Uint8Array, first: number) {
  const fields = { kind: FrameKind.delivered, flags: 0, hops: 0, to: noNode, from: noNode, deadlineMs: 0 };
  const frame = { ...fields, correlation: first, bytes: rest, start: 0, end: rest.length };
  const delivered = new ReceivedDelivered();
  const malformed = delivered.read(frame, new Reader(new Uint8Array(0)));
  if (malformed !== undefined) throw new Error(`a malformed delivered frame: ${malformed}`);
  const { service, nodes, load } = delivered;
  const { values, count } = delivered.correlations;
  return { service, nodes, load, correlations: [...values.subarray(0, count)] };
}
