// Is a copy moving, and when is it done?
import type { CopyBody } from '#contracts';
import { bytes, duration, plural } from '../../text/amounts.ts';
import type { Mood } from '../../text/statuses.ts';

/** Without anything new for so long it stands still. */
const stillMs = 60_000;

type Phase = CopyBody['phase'];
const running: ReadonlySet<Phase> = new Set(['asked', 'waiting', 'listing', 'copying', 'verifying']);

export function isRunning({ phase }: Pick<CopyBody, 'phase'>): boolean {
  return running.has(phase);
}

/** As a status of runs looks. */
export const moodStatus: Readonly<Record<Phase, string>> = {
  asked: 'created', waiting: 'created', listing: 'running', copying: 'running', verifying: 'running', copied: 'succeeded', failed: 'failed', cancelled: 'stopped',
};

export interface Told {
  readonly mood: Extract<Mood, 'active' | 'doubt'>;
  readonly text: string;
}

/** What somebody wants to know who looks at it. */
export function movingText(copy: CopyBody, now: number): Told {
  const { phase, asked_at: asked, progressed_at: came, tries, problem, progress } = copy;
  const stillFor = now - Date.parse(came ?? asked);
  const tried = tries > 0 ? `, try ${tries + 1}` : '';
  const because = problem === null ? '' : `: ${problem}`;
  if (phase === 'asked')
    return stillFor > stillMs
      ? { mood: 'doubt', text: `asked for ${duration(stillFor)} ago, and nobody has taken notice of it: the storage-manager is behind or away` }
      : { mood: 'active', text: 'was asked for' };
  if (phase === 'waiting') return { mood: tries > 0 ? 'doubt' : 'active', text: tries > 0 ? `waits for its try ${tries + 1}${because}` : 'waits for a free hand' };
  if (stillFor > stillMs) return { mood: 'doubt', text: `nothing has come for ${duration(stillFor)}${because || (phase === 'listing' ? ': its files are still being listed' : ': the store gives nothing')}` };
  if (phase === 'listing') return { mood: 'active', text: `its files are listed${tried}` };
  if (phase === 'verifying') return { mood: 'active', text: `all is there, it is verified${tried}` };
  const left = progress?.seconds_left == null ? '' : `, about ${duration(progress.seconds_left * 1000)} left`;
  return { mood: 'active', text: `${progress?.bytes_per_second == null ? 'is copied' : `${bytes(progress.bytes_per_second)}/s`}${left}${tried}` };
}

/** Of one that has ended. */
export function endedText({ phase, problem, files, size_bytes: size, asked_at: asked, ended_at: ended }: CopyBody): string {
  const took = ended === null ? '' : ` in ${duration(Date.parse(ended) - Date.parse(asked))}`;
  if (phase === 'copied') return `${plural(files ?? 0, 'file')}, ${bytes(size ?? 0)}${took}`;
  return problem ?? (phase === 'cancelled' ? 'its run was stopped first' : 'no reason is known');
}

/** 0 to 1; null: not known. By bytes, or by files where all are empty. */
export function doneOf({ progress }: CopyBody): number | null {
  if (!progress || progress.files === 0) return null;
  return progress.bytes > 0 ? progress.bytes_done / progress.bytes : progress.files_done / progress.files;
}
