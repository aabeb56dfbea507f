// How far is an upload, a copy or a download? A bar with bytes, files and rate for a person, nothing for a pipe.
import type { CopyProgressBody } from '#contracts';
import type { Output } from './output.ts';

export interface Progress {
  update(bytes: number, files?: number, left?: string): void;
  end(): void;
}
export interface Extent {
  /** Null: not known beforehand. */
  readonly bytes: number | null;
  readonly files?: number;
}

const silent: Progress = { update: () => undefined, end: () => undefined };

export async function progress(out: Output, title: string, { bytes: total, files: totalFiles }: Extent): Promise<Progress> {
  if (!out.interactive) return silent;
  const { SingleBar, Presets } = await import('cli-progress');
  const started = performance.now();
  const scale = total === null ? '{bar}' : '[{bar}] {percentage}%';
  const bar = new SingleBar(
    { format: `${title} ${scale} {size}{counted} {rate}{left}`, stream: process.stderr, hideCursor: null, barsize: 24, fps: 10, emptyOnZero: true },
    Presets.shades_classic,
  );
  const shown = (bytes: number, files = 0, left = '') => ({
    left,
    size: total === null ? bytesText(bytes) : `${bytesText(bytes)}/${bytesText(total)}`,
    counted: totalFiles === undefined ? '' : `, ${files}/${totalFiles} files`,
    rate: `${bytesText(bytes / Math.max(0.001, (performance.now() - started) / 1000))}/s`,
  });
  bar.start(total ?? 0, 0, shown(0));
  return { update: (bytes, files, left) => bar.update(bytes, shown(bytes, files, left)), end: () => bar.stop() };
}

/** How far a copy is, in a line. */
export function copyText({ files_done, files, bytes_done, bytes, bytes_per_second, seconds_left }: CopyProgressBody): string {
  const rate = bytes_per_second === null ? '' : `, ${bytesText(bytes_per_second)}/s`;
  const left = seconds_left === null ? '' : `, about ${timeText(seconds_left)} left`;
  return `${files_done} of ${filesText(files)}, ${bytesText(bytes_done)} of ${bytesText(bytes)}${rate}${left}`;
}

export function timeText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

export function filesText(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}
