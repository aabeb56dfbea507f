// How much of a log is there, and what can be done with it?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ExperimentBody } from '#contracts';
import { troubleOf } from '../../api/request.ts';
import { address, addressWith, go } from '../../shell/navigation.ts';
import { count } from '../../text/amounts.ts';
import { apiPath, type Which } from '../experiment/address.ts';
import { copiedLinesMax, copiedText } from './copied-lines.ts';
import type { LogLines } from './log-lines.ts';
import { markedBy, markedIn, markText, type Marked } from './marked.ts';

interface Head {
  readonly log: LogLines;
  readonly told: string;
  readonly experiment: ExperimentBody;
  readonly which: Which;
  readonly withResumed: boolean;
  readonly wraps: boolean;
}

export function LogsHead({ log, told, experiment, which, withResumed, wraps }: Head): JSX.Element {
  const marked = markedIn(address.value.hash);
  const { lines } = log.index.value;
  return (
    <div class="logs-head">
      <span class="figures">{told}</span>
      {marked && lines > 0 && <CopyLines log={log} marked={marked} />}
      {lines > 0 && <GoToLine lines={lines} />}
      {lines > 0 && <a class="button is-small" href={addressWith({ wrap: wraps ? null : '1' })} aria-pressed={wraps} role="button">Wrap</a>}
      {experiment.cloning_strategy === 'resume' && (
        <a class="button is-small" href={addressWith({ attempts: withResumed ? null : 'all' }).replace(/#.*$/, '')}>{withResumed ? 'This run alone' : 'With the runs it resumes'}</a>
      )}
      <a class="button is-small" href={`/api/v1${apiPath(which)}/logs`} download={`${which.user}.${which.project}.${which.id}.log`}>Download</a>
    </div>
  );
}

function CopyLines({ log, marked: { first, last } }: { log: LogLines; marked: Marked }): JSX.Element {
  const said = useSignal('');
  const copy = async () => {
    if (last - first >= copiedLinesMax) return void (said.value = `more than ${count(copiedLinesMax)}: download it`);
    try {
      await navigator.clipboard.writeText(copiedText(await log.text(first, last)));
      said.value = 'copied';
    } catch (error) {
      said.value = error instanceof DOMException ? 'this browser lets no page copy here' : troubleOf(error).detail;
    }
  };
  return (
    <>
      <button type="button" class="button is-small" onClick={() => void copy()}>{first === last ? `Copy line ${count(first + 1)}` : `Copy lines ${count(first + 1)}–${count(last + 1)}`}</button>
      <span role="status">{said.value}</span>
    </>
  );
}

function GoToLine({ lines }: { lines: number }): JSX.Element {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const marked = markedBy(String(new FormData(event.currentTarget as HTMLFormElement).get('line')), lines);
    if (marked) go(`${addressWith({}).replace(/#.*$/, '')}${markText(marked)}`, { replace: true });
  };
  return (
    <form class="log-go" onSubmit={submit}>
      <label>Line <input name="line" inputMode="numeric" autoComplete="off" placeholder="7, or 10-20" /></label>
    </form>
  );
}
