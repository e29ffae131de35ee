/** What others wrote must not steer this terminal: control characters but line ends and tabs are shown as JSON would. */
export function showText(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** On one line, and not longer than `lengthMax`. */
export function showLine(text: string, lengthMax = 200): string {
  const line = showText(text.replaceAll('\r\n', '\n')).replace(/[\n\t]/g, ' ');
  return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
}
