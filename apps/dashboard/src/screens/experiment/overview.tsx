// What does it run, with what, and what came of it so far?
import type { ComponentChildren, JSX } from 'preact';
import type { ExperimentBody, LineageBody } from '#contracts';
import { concernsExperiment } from '../../api/happened.ts';
import { useResource } from '../../api/resource.ts';
import { StatusMark } from '../../elements/status-mark.tsx';
import { measure, plain } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { apiPath, pagePath, type Which } from './address.ts';

export function Overview({ experiment, which }: { experiment: ExperimentBody; which: Which }): JSX.Element {
  const { last_metric: metrics, params, resources, code_revision: code, command, description, tags, framework, outputs_owner_id: owner } = experiment;
  const amounts = (['cpu', 'memory', 'gpu', 'tpu'] as const).flatMap((name) => {
    const amount = resources?.[name];
    return amount ? [[name, `${amount.requests ?? '–'} to ${amount.limits ?? '–'}`] as const] : [];
  });
  return (
    <div class="overview">
      <Block title="Metrics, last values" pairs={Object.entries(metrics).map(([name, value]) => [name, measure(value)])} empty="None were reported." isNumbers />
      <Block title="Params" pairs={Object.entries(params).map(([name, value]) => [name, plain(value)])} empty="It has none." />
      <Family which={which} id={experiment.id} />
      <section class="block is-wide">
        <h2>Command</h2>
        <pre class="command" tabIndex={0} aria-label="Command"><code>{visible(command) || '–'}</code></pre>
        <dl class="pairs">
          <Pair name="Code">{code === null ? 'none: it runs what is on the machine' : <code>{code.slice(0, 12)}</code>}</Pair>
          <Pair name="Outputs">
            <code>{visible(experiment.outputs_path)}</code>
            {owner !== experiment.id && <> of <a href={pagePath({ ...which, id: owner })}>#{owner}</a></>}
          </Pair>
          {framework && <Pair name="Framework">{visible(framework)}</Pair>}
          {amounts.map(([name, text]) => <Pair key={name} name={name}>{text}</Pair>)}
          {tags.length > 0 && <Pair name="Tags">{tags.map((tag) => <span class="tag is-first" key={tag}>{visible(tag)}</span>)}</Pair>}
          {description && <Pair name="Description">{visible(description)}</Pair>}
        </dl>
      </section>
    </div>
  );
}

function Family({ which, id }: { which: Which; id: number }): JSX.Element | null {
  const { body } = useResource<LineageBody>(`${apiPath(which)}/lineage`, { on: concernsExperiment(id) });
  const others = body?.nodes.filter((node) => node.id !== id) ?? [];
  return (
    <section class="block">
      <h2>Family</h2>
      {body && others.length === 0 && <p class="quiet">Nothing was made from it yet.</p>}
      <ul class="family">
        {others.map((node) => (
          <li key={node.id}>
            {node.deleted ? <span class="quiet">#{node.id}, deleted</span> : <a href={pagePath({ ...which, id: node.id })}>#{node.id} {visible(node.name ?? '')}</a>}
            <span class="quiet">{node.source_id === null ? 'the original' : `${node.cloning_strategy} of #${node.source_id}`}</span>
            <StatusMark status={node.last_status} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Block({ title, pairs, empty, isNumbers = false }: { title: string; pairs: readonly (readonly [string, string])[]; empty: string; isNumbers?: boolean }): JSX.Element {
  return (
    <section class="block">
      <h2>{title}</h2>
      {pairs.length === 0 ? <p class="quiet">{empty}</p> : (
        <dl class={`pairs ${isNumbers ? 'is-numbers' : ''}`}>
          {pairs.map(([name, text]) => <Pair key={name} name={name}>{visible(text)}</Pair>)}
        </dl>
      )}
    </section>
  );
}

function Pair({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{visible(name)}</dt>
      <dd>{children}</dd>
    </div>
  );
}
