import { type Finding, lineAt } from './source-file.ts';

const privatePath = /(?<=^|[\s"'`(=:,[])\/(?:work|farm)(?=[/\s"'`),:;]|$)/gm;

/** No committed text names the machine it was written on: it would be wrong on every other. */
export function textFindings(path: string, text: string): Finding[] {
  return [...text.matchAll(privatePath)].map((match) => ({
    rule: 'machine',
    path,
    line: lineAt(text, match.index),
    message: `"${match[0]}…" is a path of one machine. Cure: a path from the root of the repository`,
  }));
}
