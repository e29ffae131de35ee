import type { NodeView } from '../api/views.ts';
import type { Paint } from './paint.ts';
import { showAge } from './show-time.ts';

/** What people are told of each fact; one of a later version is shown as it is. */
const meanings: Readonly<Record<string, string>> = {
  answered: 'answered after it had been doubted',
  refuted: 'contradicted what was said of it',
  'link-lost': 'its link broke',
  'no-answer': 'answered no probe, nor those of others',
  refused: 'its port is closed: the process is gone',
  'handshake-only': 'its host answers, the process says nothing: frozen',
  stalled: 'says itself that it did not run for a while',
  'called-degraded': 'called it degraded',
  'called-suspect': 'called it suspect',
  'called-dead': 'called it dead',
  'said-goodbye': 'said goodbye',
  'came-and-went': 'it came and went again and again: degraded until it has been steady for a while',
};

/** What was noticed of a node, by whom and when, the latest last. */
export function observedText(node: NodeView, now: number, paint: Paint): string[] {
  return (node.observations ?? []).map(({ what, by, at }) => {
    const age = showAge(now - Date.parse(at));
    return paint.dim(`    ${age} ago, ${by}: ${meanings[what] ?? what}`);
  });
}
