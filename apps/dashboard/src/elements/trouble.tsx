// How is it told that something was refused, failed, or is away?
import type { JSX } from 'preact';
import type { Trouble } from '../api/request.ts';
import { Copyable } from './copyable.tsx';

/** Each part of a page fails alone: with the reason, what mends it, and another try. */
export function TroubleNote({ trouble, retry, title }: { trouble: Trouble; retry?: (() => void) | undefined; title?: string | undefined }): JSX.Element {
  return (
    <div class="note is-bad" role="alert">
      <p>
        {title && <strong>{title} </strong>}
        {trouble.detail}
      </p>
      {trouble.fix && <Copyable text={trouble.fix} />}
      <p class="note-end">
        {retry && <button type="button" class="button is-small" onClick={retry}>Try again</button>}
        <span class="quiet">
          {trouble.code}
          {trouble.requestId && ` · request ${trouble.requestId}`}
        </span>
      </p>
    </div>
  );
}
