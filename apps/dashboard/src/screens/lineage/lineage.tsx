// Where does this run come from, and what depends on it?
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LineageBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Copyable } from '../../elements/copyable.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { address, addressWith } from '../../shell/navigation.ts';
import { pathOf } from '../../shell/routes.ts';
import { count, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, pagePath, type Which } from '../experiment/address.ts';
import { drawnMax, familyText, howText, listOf, mermaidOf, pictureOf, sizes, type Member } from './family.ts';
import './lineage.css';

const listedAtOnce = 200;
const comparedMax = 20;
const deepest = 8;

export function Lineage({ which }: { which: Which }): JSX.Element {
  const family = useRef<ReadonlySet<number>>(new Set());
  const { body, trouble, reload } = useResource<LineageBody>(`${apiPath(which)}/lineage`, {
    on: ({ experimentId: id, user, project }) => id !== null && (family.current.has(id) || (user === which.user && project === which.project)),
  });
  useEffect(() => void (family.current = new Set(body?.nodes.map(({ id }) => id))), [body]);
  if (!body) return trouble ? <TroubleNote trouble={trouble} retry={reload} /> : <Waiting />;
  const mayDraw = body.nodes.length <= drawnMax;
  const asList = !mayDraw || address.value.searchParams.get('as') === 'list';
  const there = body.nodes.filter(({ deleted }) => !deleted);
  return (
    <section>
      {trouble && <TroubleNote title="This may be old." trouble={trouble} retry={reload} />}
      <p>{familyText(body.nodes)}</p>
      <div class="lineage-head">
        {mayDraw ? (
          <nav class="segments" aria-label="How it is shown">
            {(['picture', 'list'] as const).map((one) => (
              <a
                key={one}
                class="button is-small"
                href={addressWith({ as: one === 'list' ? one : null })}
                aria-current={(one === 'list') === asList ? 'true' : undefined}
              >
                {one === 'list' ? 'List' : 'Picture'}
              </a>
            ))}
          </nav>
        ) : (
          <p class="quiet">More than {drawnMax} runs are a list: in a picture nobody would find anything.</p>
        )}
        {there.length > 1 && there.length <= comparedMax && (
          <a class="button is-small" href={pathOf.compare(which.id, ...there.map(({ id }) => id).filter((id) => id !== which.id))}>
            Compare them
          </a>
        )}
      </div>
      {asList ? <FamilyList nodes={body.nodes} which={which} /> : <FamilyPicture nodes={body.nodes} which={which} />}
      {body.nodes.length > 1 && (
        <details class="lineage-text">
          <summary>As Mermaid text</summary>
          <Copyable text={mermaidOf(body.nodes)} />
        </details>
      )}
    </section>
  );
}

function FamilyPicture({ nodes, which }: { nodes: readonly Member[]; which: Which }): JSX.Element {
  const { boxes, edges, width, height } = pictureOf(nodes);
  return (
    <div class="lineage-scroller" tabIndex={0} role="region" aria-label="Family as a picture">
      <div class="lineage-picture" style={{ width: `${width}px`, height: `${height}px` }}>
        <svg width={width} height={height} aria-hidden="true">
          {edges.map(({ path, how, from: [x, y], to: [toX, toY] }) => {
            const middle = toX - sizes.betweenColumns / 2;
            return (
              <g key={path}>
                <path d={`M${x} ${y}C${middle} ${y} ${middle} ${toY} ${toX} ${toY}`} class={`lineage-edge is-${how}`} />
                <text x={toX - 6} y={toY - 5} text-anchor="end" class="lineage-how">{how}</text>
              </g>
            );
          })}
        </svg>
        {boxes.map(({ path, members, from, left, top, height: tall }) => (
          <section key={path} class="lineage-box" style={{ left: `${left}px`, top: `${top}px`, height: `${tall}px`, width: `${sizes.boxWidth}px` }} aria-label={`${path}${from ? `, ${from.how} of #${from.id}` : ''}`}>
            <p class="lineage-path mono quiet" title={path}><bdi>{visible(path)}</bdi></p>
            <ul>{members.map((member) => <li key={member.id}><Run member={member} which={which} /></li>)}</ul>
          </section>
        ))}
      </div>
    </div>
  );
}

function FamilyList({ nodes, which }: { nodes: readonly Member[]; which: Which }): JSX.Element {
  const shown = useSignal(listedAtOnce);
  const all = listOf(nodes);
  return (
    <>
      <ul class="lineage-list">
        {all.slice(0, shown.value).map(({ member, depth }) => (
          <li key={member.id} class={`is-deep-${Math.min(depth, deepest)}`}>
            <Run member={member} which={which} />{' '}
            <span class="quiet">
              {howText(member)}
              {depth > 0 && <span class="unseen">, generation {depth + 1}</span>}
            </span>
          </li>
        ))}
      </ul>
      {all.length > shown.value && (
        <button type="button" class="button is-small" onClick={() => (shown.value += listedAtOnce)}>
          Show {plural(Math.min(listedAtOnce, all.length - shown.value), 'more run')} of {count(all.length)}
        </button>
      )}
    </>
  );
}

function Run({ member: { id, name, last_status: status, deleted }, which }: { member: Member; which: Which }): JSX.Element {
  const words = <>#{id} {visible(name ?? '')}</>;
  if (deleted) return <span class="quiet">{words}, deleted</span>;
  return (
    <span class="lineage-run">
      {id === which.id ? <strong aria-current="true">{words}</strong> : <a href={pagePath({ ...which, id }, 'lineage')}>{words}</a>}
      <StatusMark status={status} />
    </span>
  );
}
