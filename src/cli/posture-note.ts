import type { NodesView } from '../api/views.ts';
import type { VerbContext } from './verb-context.ts';

/** In every status output: who reads it must know that nothing protects this cluster. */
export function notePosture(context: VerbContext, { posture, cluster }: NodesView): void {
  if (posture !== 'open' || context.json) return;
  const { yellow } = context.errorPaint;
  context.note(yellow(`warning: cluster "${cluster}" is open: everybody on the LAN can read and forge its messages`));
}
