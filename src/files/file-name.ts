/** What most file systems take, less what stands before and behind it while it is incomplete. */
export const fileNameBytesMax = 230;

/**
 * Why a file of that name is not taken, for the person who sent it; undefined when it is. A name leads nowhere but into the
 * directory it is meant for, and hides from nobody there.
 */
export function checkFileName(name: string): string | undefined {
  if (name === '') return 'the name is empty';
  if (Buffer.byteLength(name) > fileNameBytesMax) return `the name has more than ${fileNameBytesMax} bytes`;
  if (name.startsWith('.')) return 'the name begins with a dot';
  if (/[/\\]/.test(name)) return 'the name has a slash: only a file name is taken, no path';
  if (/\p{Cc}/u.test(name)) return 'the name has a control character';
  // A person would read another name than the system: report-exe.pdf that is report-fdp.exe.
  if (/\p{Bidi_Control}/u.test(name)) return 'the name has a character that turns the direction of writing';
  if (/[<>:"|?*]/.test(name)) return 'the name has a character that not every system can store: < > : " | ? *';
  if (/[. ]$/.test(name)) return 'the name ends with a dot or a space';
  return undefined;
}

/** `report.pdf`, `report-1.pdf`, `report-2.pdf`, … */
export function numberedName(name: string, number: number): string {
  if (number === 0) return name;
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
}
