import { type History, isRunning, type StreamRecord, type StreamSideRecord } from './history.ts';
import { pausedMs } from './virtual-node.ts';

/** A deadline is looked at in buckets of 8 ms. */
const settleSlackMs = 20;

/** What is wrong with the streams of a cluster that has come to rest by `now`, one line each. */
export function checkStreams(history: History, now: number): string[] {
  const found: string[] = [];
  for (const record of history.streams.values()) {
    for (const text of checkStream(record, now)) {
      const { node, run } = record.opener.at;
      found.push(`stream ${record.number} of ${node.name}#${run} at ${record.startedAt.toFixed(1)}: ${text}`);
    }
  }
  return found;
}

function checkStream(record: StreamRecord, now: number): string[] {
  const { opener, acceptors } = record;
  const [acceptor, ...more] = acceptors;
  const found = [...checkSide('opener', opener), ...acceptors.flatMap((side) => checkSide('acceptor', side))];
  if (more.length > 0) found.push(`${acceptors.length} acceptors`);
  if (opener.receivedBytes > 0 && !record.accepted) found.push('data before the accept');
  found.push(...checkTransfer('forth', opener, acceptor), ...checkTransfer('back', acceptor, opener));
  const waitedMs = now - record.startedAt - record.deadlineMs - settleSlackMs;
  const isOver = opener.brokenOff || record.accepted || opener.resets.length > 0;
  if (!isOver && isRunning(opener.at) && waitedMs > pausedMs(opener.at.node, record.startedAt, now)) {
    found.push('not accepted, and not told so at its deadline');
  }
  return found;
}

/** At rest each side whose program still runs has been told one end. */
function checkSide(which: string, side: StreamSideRecord): string[] {
  const found = side.faults.map((text) => `${which}: ${text}`);
  const ends = side.finished + side.resets.length;
  if (ends > 1) found.push(`${which}: ${ends} ends`);
  if (ends === 0 && !side.brokenOff && isRunning(side.at)) {
    const { sentBytes, ended, receivedBytes, peerEnded } = side;
    const state = `sent ${sentBytes}${ended ? ' and ended' : ''}, received ${receivedBytes}${peerEnded ? ' and the end' : ''}`;
    found.push(`${which}: it never ended (${state})`);
  }
  return found;
}

/** Bytes are checked one by one as they come; here only that none is missing where an end says that all have come. */
function checkTransfer(way: string, from: StreamSideRecord | undefined, to: StreamSideRecord | undefined): string[] {
  if (to === undefined) return [];
  if (from === undefined) return to.receivedBytes > 0 ? [`${way}: bytes from nobody`] : [];
  if (to.receivedBytes > from.sentBytes)
    return [`${way}: received ${to.receivedBytes} of ${from.sentBytes} bytes sent`];
  if (!to.peerEnded) return [];
  if (!from.ended) return [`${way}: an end that was not sent`];
  if (to.receivedBytes !== from.sentBytes)
    return [`${way}: ended after ${to.receivedBytes} of ${from.sentBytes} bytes`];
  return [];
}
