import { isShipped, targetOf } from './folders.ts';
import type { Finding, SourceFile } from './source-file.ts';

/** Import cycles in src, type imports included: each once, as the finding of its alphabetically first file. */
export function importCycles(files: readonly SourceFile[]): Finding[] {
  const graph = new Map<string, string[]>();
  for (const file of files.filter(isShipped)) {
    const targets = file.imports.map((entry) => targetOf(file, entry.specifier));
    graph.set(
      file.path,
      targets.filter((target) => target !== undefined),
    );
  }
  const done = new Set<string>();
  const cycles = new Map<string, readonly string[]>();
  const visit = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path);
    if (seen >= 0) {
      const cycle = trail.slice(seen);
      cycles.set([...cycle].sort().join(' '), cycle);
      return;
    }
    if (done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return [...cycles.values()].map((cycle) => ({
    rule: 'cycle',
    path: [...cycle].sort()[0] ?? '',
    line: 0,
    message: `imports itself: ${[...cycle, cycle[0]].join(' → ')}. Cure: move what both need to a file of its own`,
  }));
}
