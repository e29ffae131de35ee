import { commandBytesMax, nameBytesMax } from './limits.ts';

// What each ASCII character may be. Others are never permitted.
const nameEdge = 1;
const nameInner = 2;
const inCommand = 4;

/** Classes by character code, for texts and for bytes alike. */
const classes = Uint8Array.from({ length: 256 }, (_, code) => classOf(code));

function classOf(code: number): number {
  const character = code < 128 ? String.fromCharCode(code) : '';
  if (/^[a-z0-9]$/.test(character)) return nameEdge | nameInner | inCommand;
  if (/^[._-]$/.test(character)) return nameInner | inCommand;
  return /^[A-Z/]$/.test(character) ? inCommand : 0;
}

/** The name of a cluster, a node or a service [N7]. */
export function isName(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > nameBytesMax) return false;
  if (!hasClass(text.charCodeAt(0), nameEdge) || !hasClass(text.charCodeAt(length - 1), nameEdge)) return false;
  return allHaveClass(text, nameInner);
}

export function isCommand(text: string): boolean {
  return text.length > 0 && text.length <= commandBytesMax && allHaveClass(text, inCommand);
}

/** `isName` for bytes, so that a decoder needs no text to refuse one. */
export function isNameAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 1 || end - start > nameBytesMax) return false;
  const edges = (classes[bytes[start] as number] as number) & (classes[bytes[end - 1] as number] as number);
  return (edges & nameEdge) !== 0 && allBytesHaveClass(bytes, start, end, nameInner);
}

/** `isCommand` for bytes. */
export function isCommandAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 1 || end - start > commandBytesMax) return false;
  return allBytesHaveClass(bytes, start, end, inCommand);
}

/** Why this is no name, for the person who wrote it; `undefined` when it is one. */
export function checkName(text: string): string | undefined {
  if (isName(text)) return undefined;
  if (text.length === 0) return 'a name must not be empty';
  if (text.length > nameBytesMax) return `a name has at most ${nameBytesMax} characters, this one ${text.length}`;
  if (/[A-Z]/.test(text)) return `${quoted(text)} has capital letters: names are lower-case`;
  if (!allHaveClass(text, nameInner)) return `${quoted(text)} has characters other than a-z, 0-9, '.', '_' and '-'`;
  return `${quoted(text)} must begin and end with a letter or a digit`;
}

/** Why this is no command, for the person who wrote it; `undefined` when it is one. */
export function checkCommand(text: string): string | undefined {
  if (isCommand(text)) return undefined;
  if (text.length === 0) return 'a command must not be empty';
  if (text.length > commandBytesMax)
    return `a command has at most ${commandBytesMax} characters, this one ${text.length}`;
  return `${quoted(text)} has characters other than letters, digits, '.', '_', '/' and '-'`;
}

/** Control characters must not reach a terminal or a log as they are. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function hasClass(code: number, wanted: number): boolean {
  return code < 128 && ((classes[code] as number) & wanted) !== 0;
}

function allHaveClass(text: string, wanted: number): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!hasClass(text.charCodeAt(at), wanted)) return false;
  }
  return true;
}

function allBytesHaveClass(bytes: Uint8Array, start: number, end: number, wanted: number): boolean {
  for (let at = start; at < end; at++) {
    if (((classes[bytes[at] as number] as number) & wanted) === 0) return false;
  }
  return true;
}

/** [A1] The agent of a node itself. It stands in no record, so no program finds it. */
export const agentService = 'fogata.agent';

/** [A1] Names that programs may not serve. */
export function isReservedName(name: string): boolean {
  return name.startsWith('fogata.');
}
