import type { DeliveryReply, Provider } from '../delivery/provider.ts';
import type { History, NodeRun } from './history.ts';
import { streamSideRecord } from './history.ts';
import { createStreamScript } from './recorded-stream.ts';
import type { VirtualProcess } from './virtual-host.ts';

const noBytes = new Uint8Array(0);
const encoder = new TextEncoder();

/** What an answer says, so that its caller can tell whose it is. */
export function answerText(at: NodeRun, id: string): string {
  return `${id} by ${at.node.name}#${at.run}`;
}

/** A provider that notes all it is handed, and does as the command says. */
export function createRecordedService(history: History, at: NodeRun, process: VirtualProcess): Provider {
  const { clock } = process.runtime;
  const answered: Partial<DeliveryReply> = { outcome: 'answered' };

  function replyOf(said: Partial<DeliveryReply>, body: Uint8Array): DeliveryReply {
    return { outcome: 'delivered', code: undefined, reason: '', params: {}, bodyKind: 'text', ...said, body };
  }

  return {
    deliver({ head, replyWanted, deadlineMs }, respond) {
      const record = history.calls.get(head.id);
      if (record === undefined) history.faults.push(`${at.node.name} was handed ${head.id}, which nobody sent`);
      else record.executions.push({ ...at, at: clock.now() });
      if (!(deadlineMs > 0)) history.faults.push(`${head.id} was handed over with ${deadlineMs} ms left`);
      const body = encoder.encode(answerText(at, head.id));
      const answer = () => respond(replyOf(replyWanted ? answered : {}, replyWanted ? body : noBytes));
      if (head.command === 'now') answer();
      else if (head.command === 'fail') respond(replyOf({ outcome: 'refused', code: 'failed' }, noBytes));
      else if (head.command === 'later') {
        const timer = clock.schedule(Number(head.params['ms'] ?? '10'), answer);
        return () => timer.cancel();
      }
      return () => undefined;
    },
    open(stream) {
      const number = Number(stream.head.command.slice('stream-'.length));
      const side = streamSideRecord(at);
      const record = history.streams.get(number);
      if (record === undefined) history.faults.push(`${at.node.name} was opened stream ${number}, which nobody opened`);
      else record.acceptors.push(side);
      const bytesTotal = Number(new TextDecoder().decode(stream.body));
      const script = createStreamScript({ record: side, number, sends: 'back', bytesTotal, stream: () => stream });
      // As a program behind a proxy: it is reached at once and answers a moment later.
      stream.ready();
      clock.schedule(1, () => {
        if (side.resets.length > 0) return;
        stream.accept({ params: {}, bodyKind: 'none', body: noBytes });
        script.pump();
      });
      return { ...script.events, onReady() {}, onAccept() {} };
    },
  };
}
