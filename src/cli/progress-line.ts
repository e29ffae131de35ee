import type { Paint } from './paint.ts';
import { showBytes } from './show-bytes.ts';
import { showAge } from './show-time.ts';

export interface Progress {
  readonly name: string;
  readonly done: number;
  /** Undefined: nobody knows how many. */
  readonly bytes: number | undefined;
  readonly bytesPerSecond: number;
}

const barLengthMax = 30;
const columnsDefault = 80;

/** `backup.tar  ██████░░░░  61 %  1.2 GiB of 2.0 GiB  310 MiB/s  3 s left`, as much of it as fits on one line. */
export function progressLine(progress: Progress, columns: number | undefined, paint: Paint): string {
  const { name, done, bytes, bytesPerSecond } = progress;
  const rate = `${showBytes(bytesPerSecond)}/s`;
  if (bytes === undefined) return `${name}  ${showBytes(done)}  ${rate}`;
  const share = bytes === 0 ? 1 : Math.min(1, done / bytes);
  const leftMs = bytesPerSecond > 0 ? ((bytes - done) / bytesPerSecond) * 1_000 : undefined;
  const left = leftMs === undefined ? '' : `  ${showAge(Math.ceil(leftMs / 1_000) * 1_000)} left`;
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const figures = `${percent} %  ${showBytes(done)} of ${showBytes(bytes)}  ${rate}${left}`;
  const room = (columns ?? columnsDefault) - name.length - figures.length - 5;
  if (room < 5) return figures;
  const length = Math.min(barLengthMax, room);
  const full = Math.floor(share * length);
  return `${name}  ${paint.green('█'.repeat(full))}${paint.dim('░'.repeat(length - full))} ${figures}`;
}
