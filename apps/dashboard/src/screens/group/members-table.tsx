// What is each member, and what came of it?
import type { JSX } from 'preact';
import type { ExperimentBody } from '#contracts';
import { StatusMark } from '../../elements/status-mark.tsx';
import { pathOf } from '../../shell/routes.ts';
import { measure } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { paramText } from './search-space.ts';

interface Members {
  readonly members: readonly ExperimentBody[];
  readonly params: readonly string[];
  readonly metric: string | null;
  readonly best: number | null;
  readonly pointed: number | null;
  readonly point: (id: number | null) => void;
}

export function MembersTable({ members, params, metric, best, pointed, point }: Members): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Members">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Run</th><th scope="col">Status</th>
            {metric !== null && <th scope="col" class="is-number">{visible(metric)}</th>}
            {params.map((name) => <th scope="col" key={name}>{visible(name)}</th>)}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const [user = '', project = ''] = member.project.split('.');
            return (
              <tr
                key={member.id} class={member.id === pointed ? 'is-selected' : undefined}
                onPointerEnter={() => point(member.id)} onPointerLeave={() => point(null)} onFocusCapture={() => point(member.id)} onBlurCapture={() => point(null)}
              >
                <th scope="row"><a class="run-link" href={pathOf.experiment(user, project, member.id)}>{member.id}</a></th>
                <td><StatusMark status={member.last_status} title={member.last_status_message} />{member.id === best && <span class="tag">best</span>}</td>
                {metric !== null && <td class="is-number">{measure(member.last_metric[metric])}</td>}
                {params.map((name) => <td key={name}><span class="cell">{visible(paramText(member.params[name]))}</span></td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
