import type { MeshEvent } from '../api/mesh-event.ts';
import { ExitCode } from './exit-code.ts';
import { stopCode } from './stop-signal.ts';
import type { VerbContext } from './verb-context.ts';

/** `fogata nodes --watch`: each change of a node as one line, beginning with those that are there. */
export async function watchNodes(context: VerbContext, name: string | undefined): Promise<number> {
  const stop = new AbortController();
  const stopped = stopCode().finally(() => stop.abort());
  const mesh = await context.mesh();
  for await (const event of mesh.watch({ signal: stop.signal })) {
    if ('node' in event && name !== undefined && event.node.name !== name && event.node.id !== name) continue;
    if (context.json) {
      if (!('instance' in event)) context.printJson(event);
      continue;
    }
    const line = lineOf(event);
    if (line !== undefined) context.print(line);
  }
  return stop.signal.aborted ? stopped : ExitCode.good;
}

function lineOf(event: MeshEvent): string | undefined {
  if ('node' in event) {
    const { name, state, address, observations = [] } = event.node;
    const last = observations.at(-1);
    const why = last === undefined || state === 'alive' ? '' : ` (${last.what}, noticed by ${last.by})`;
    if (event.type === 'node-gone') return `- ${name}`;
    return event.type === 'node-joined' ? `+ ${name} ${state} ${address}` : `~ ${name} ${state}${why}`;
  }
  if (event.type === 'parted') {
    const { here, there } = event.partition;
    return `! parted: ${here} here, ${there.length} there (${there.join(' ')})`;
  }
  return event.type === 'healed' ? `! healed: ${event.partition.there.join(' ')}` : undefined;
}
