import { folderOf, isPure, isShipped, levels, targetOf } from './folders.ts';
import type { Finding, Import, SourceFile } from './source-file.ts';

type ImportRule = (file: SourceFile, entry: Import, target: string | undefined) => string | undefined;

function mayKnow(from: string, to: string, isTypeOnly: boolean): string | undefined {
  const level = levels[from] ?? -1;
  const other = levels[to];
  if (to === 'runtime') {
    if (level >= 2) return undefined;
    return `${from} may not know runtime. Cure: take the time, the bytes or the number as an input`;
  }
  if (other === undefined || other < level) return undefined;
  if (level === 1 && other === 1) {
    if (isTypeOnly) return undefined;
    return `${from} may know only the types of ${to}. Cure: import type, or move the value to protocol`;
  }
  return (
    `${from} (L${level}) may not know ${to} (L${other}). Cure: move what both need to a lower folder, ` +
    'or let the higher one pass it in'
  );
}

/** Rule 1 and 5: who may import whom. */
const level: ImportRule = (file, entry, target) => {
  const from = folderOf(file.path);
  const to = target === undefined ? undefined : folderOf(target);
  if (from === undefined || to === undefined || from === to || from === 'testing') return undefined;
  if (to === 'testing') return 'nothing in src imports testing. Cure: move it to the folder it belongs to';
  if (from === '' || to === '' || from === 'gateways') return undefined;
  if (from === 'runtime') {
    return to === 'protocol' ? undefined : 'runtime knows only protocol. Cure: declare the port in runtime';
  }
  return mayKnow(from, to, entry.isTypeOnly);
};

/** Rule 4: a gateway has what a gateway from outside would have. */
const gateway: ImportRule = (file, entry, target) => {
  if (folderOf(file.path) !== 'gateways' || target === undefined) return undefined;
  const own = file.path.split('/').slice(0, 3).join('/');
  const isOwn = target.startsWith(`${own}/`) || /^src\/gateways\/[^/]+$/.test(target);
  const isPublic = target === 'src/index.ts' || target.startsWith('src/protocol/');
  if (isOwn || (isPublic && entry.isTypeOnly)) return undefined;
  return (
    'a gateway knows only types, those of src/index.ts and of protocol, and no other gateway. ' +
    'Cure: let whoever starts it pass the client in'
  );
};

const index: ImportRule = (file, entry, target) => {
  if (target === undefined || !/(^|\/)index\.tsx?$/.test(target) || !target.startsWith('src/')) return undefined;
  if (folderOf(file.path) === 'gateways' && target === 'src/index.ts') return undefined;
  return `an index.ts is for those outside. Cure: import the file that ${entry.specifier} takes it from`;
};

const extension: ImportRule = (_file, entry, target) => {
  if (target === undefined || /\.(tsx?|mjs|css|json)$/.test(target)) return undefined;
  return `"${entry.specifier}" names no file. Cure: write the ending, './name.ts'`;
};

/** Rule 2: a pure folder needs nothing but the language. */
const pure: ImportRule = (file, entry, target) => {
  if (!isPure(file) || target !== undefined) return undefined;
  const mayEncode = folderOf(file.path) === 'protocol' && entry.specifier === 'msgpackr';
  if (mayEncode) return undefined;
  return `protocol and the machines import no "${entry.specifier}". Cure: declare an input or an effect, and do it in node`;
};

/** Rule 3, the modules: where time and chance come from. */
const clock: ImportRule = (file, entry) => {
  if (folderOf(file.path) === 'runtime' || !/^(node:)?(timers|perf_hooks)\b/.test(entry.specifier)) return undefined;
  return `only runtime knows what time it is, so no "${entry.specifier}". Cure: take a Clock`;
};

const rules: Readonly<Record<string, ImportRule>> = { level, gateway, index, extension, pure, clock };

/** Tests may know whom they like; what is shipped may not. */
export function importFindings(file: SourceFile): Finding[] {
  if (!isShipped(file)) return [];
  return file.imports.flatMap((entry) =>
    Object.entries(rules).flatMap(([rule, check]) => {
      const message = check(file, entry, targetOf(file, entry.specifier));
      const where = { rule, path: file.path, line: entry.line };
      return message === undefined ? [] : [{ ...where, message: `imports "${entry.specifier}": ${message}` }];
    }),
  );
}
