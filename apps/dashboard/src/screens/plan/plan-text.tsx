// What does a plan say?
import type { ComponentChildren, JSX } from 'preact';
import type { CheckpointSummary, ClonePlan, Difference } from '#contracts';
import { Ago } from '../../elements/ago.tsx';
import { bytes, plain, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { placeOf, verdictOf } from '../experiment/answer.ts';

export function PlanText({ plan }: { plan: ClonePlan }): JSX.Element {
  const { cloning_strategy: strategy, outputs_path: path, outputs_owner_id: owner, code_revision: code, command, copy, differences, set_aside: aside } = plan;
  return (
    <dl class="plan-text">
      {strategy !== 'restart' && <Line title="Checkpoint"><Saved checkpoint={plan.checkpoint} aside={aside} /></Line>}
      <Line title="Outputs"><code>{visible(path)}</code> {owner === null ? <span class="quiet">new</span> : <span class="quiet">shared with #{owner} and all its resumes</span>}</Line>
      {copy && <Line title="To copy">{plural(copy.files, 'file')}, {bytes(copy.bytes)}</Line>}
      <Line title="Code">{code.before === code.after ? <><Revision of={code.after} /> <span class="quiet">the same</span></> : <><Revision of={code.before} /> → <Revision of={code.after} /></>}</Line>
      <Line title="Changes">
        {differences.length === 0 && command.before === command.after ? <span class="quiet">none: it runs the same</span> : (
          <div class="diff">
            {differences.map((one) => <Changed key={one.path} one={one} />)}
            {command.before !== command.after && <Changed one={{ path: 'command', change: 'changed', before: command.before, after: command.after }} />}
          </div>
        )}
      </Line>
    </dl>
  );
}

function Saved({ checkpoint, aside }: { checkpoint: CheckpointSummary | null; aside: readonly CheckpointSummary[] }): JSX.Element {
  return (
    <>
      {checkpoint ? (
        <>
          <strong>{visible(placeOf(checkpoint))}</strong>{' '}
          <span class="quiet">{visible(checkpoint.path)}, saved <Ago time={checkpoint.modifiedAt} />, {bytes(checkpoint.sizeBytes)}, {verdictOf(checkpoint)}</span>
        </>
      ) : 'none that the platform knows: its program goes on with what it finds there'}
      {aside.map((one) => <div key={one.path} class="aside">set aside, not deleted: {visible(one.path)}: {visible(one.problem ?? 'newer than the one that was asked for')}</div>)}
    </>
  );
}

function Revision({ of }: { of: string | null }): JSX.Element {
  return <code>{of?.slice(0, 12) ?? 'none'}</code>;
}

export function Changed({ one: { path, change, before, after } }: { one: Difference }): JSX.Element {
  return (
    <>
      {change !== 'added' && <div class="is-removed"><span aria-label="before">−</span> {visible(`${path}: ${plain(before)}`)}</div>}
      {change !== 'removed' && <div class="is-added"><span aria-label="after">+</span> {visible(`${path}: ${plain(after)}`)}</div>}
    </>
  );
}

function Line({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
