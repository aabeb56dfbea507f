// Is anyone stuck, what did failures cost, and who is away? For whoever is on call.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { FleetBody, FleetServiceBody, WaitingBody } from '#contracts';
import { useResource } from '../../api/resource.ts';
import { Ago, now } from '../../elements/ago.tsx';
import { StatusMark } from '../../elements/status-mark.tsx';
import { TroubleNote } from '../../elements/trouble.tsx';
import { Waiting } from '../../elements/waiting.tsx';
import { pathOf } from '../../shell/routes.ts';
import { count, duration, plural } from '../../text/amounts.ts';
import { visible } from '../../text/visible.ts';
import { DeadLetters } from './dead-letters.tsx';
import { Section, Table } from './section.tsx';
import { Storage } from './storage.tsx';
import { fleetTitle, isStuck, lag, nameOf, slotsText, verdictsOf } from './verdicts.ts';
import './fleet.css';

const everyMs = 1000;

/** Whoever may not is told so by the platform, once. */
export function Fleet({ mayLook }: { mayLook: boolean }): JSX.Element {
  const { body, trouble, reload } = useResource<FleetBody>('/admin/fleet', { everyMs: mayLook ? everyMs : undefined });
  const title = body ? fleetTitle(body) : 'Fleet';
  useEffect(() => void (document.title = `${title} · Polyaxon`), [title]);
  return (
    <article class="fleet">
      <h1>Fleet</h1>
      {trouble && <TroubleNote trouble={trouble} retry={mayLook ? reload : undefined} title={body ? `This is how it was ${duration(now.value - Date.parse(body.at))} ago.` : undefined} />}
      {!body && !trouble && <Waiting />}
      {body && <Shown fleet={body} reload={reload} />}
    </article>
  );
}

function Shown({ fleet, reload }: { fleet: FleetBody; reload: () => void }): JSX.Element {
  return (
    <>
      <div class="verdicts" role="status">
        {verdictsOf(fleet).map(({ mood, text }) => <p key={text} class={`answer is-${mood}`}>{visible(text)}</p>)}
      </div>
      <Section title="What waits" empty={fleet.waiting.length === 0 && 'Nothing waits.'}>
        <WaitingTable waiting={fleet.waiting} at={fleet.at} />
      </Section>
      <p class="fleet-slots">{slotsText(fleet.slots)}</p>
      <Section title="Services">
        <ServiceTable services={fleet.services} />
      </Section>
      <Section title="Events">
        <FlowTable fleet={fleet} />
      </Section>
      <DeadLetters count={fleet.flow.reduce((sum, { dead_letters: dead }) => sum + dead, 0)} changed={reload} />
      <Resumes resumes={fleet.resumes} />
      <LostWork lost={fleet.lost_work} />
      <Storage />
      <Refused refusals={fleet.refusals} />
    </>
  );
}

function WaitingTable({ waiting, at }: { waiting: readonly WaitingBody[]; at: string }): JSX.Element {
  return (
    <Table label="What waits" columns={['Since', 'Runs', 'Why', 'What would release it']}>
      {waiting.map((one) => (
        <tr key={`${one.kind}${one.reason}${one.service}`}>
          <td class={isStuck(one, at) ? 'is-bad' : undefined}>{duration(Date.parse(at) - Date.parse(one.oldest_since))}</td>
          <td>
            {count(one.count)}{': '}
            {one.experiments.map(({ id, user, project }) => <a key={id} class="fleet-run" href={pathOf.experiment(user, project, id, 'history')}>#{id}</a>)}
            {one.count > one.experiments.length && '…'}
          </td>
          <th scope="row" class="is-long">{visible(one.reason)}{one.kind === 'missing' && <span class="tag">{one.service}</span>}</th>
          <td class="is-long quiet">{visible(one.released_by)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** What one said last stays, in grey, with its age. */
function ServiceTable({ services }: { services: readonly FleetServiceBody[] }): JSX.Element {
  return (
    <Table label="Services" columns={['Service', 'Now', 'Version', 'Runs since', 'Says']}>
      {services.map((one) => {
        const { service, instance, answers, last, last_at: heard } = one;
        const isReady = answers && last?.missing.length === 0;
        return (
          <tr key={`${service}${instance}`} class={answers ? undefined : 'quiet'}>
            <th scope="row">{nameOf(one)}</th>
            <td><StatusMark status={isReady ? 'succeeded' : answers ? 'warning' : 'failed'} words={isReady ? 'ready' : answers ? 'not ready' : 'does not answer'} /></td>
            <td>{last?.version ?? '–'}</td>
            <td>{last ? <Ago time={last.started_at} /> : '–'}</td>
            <td class="is-long">
              {!answers && (heard === null ? 'It has not answered since this gateway began. ' : <>Heard <Ago time={heard} />. </>)}
              {visible([...(last?.missing ?? []), ...(last?.degraded ?? [])].join('; '))}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function FlowTable({ fleet: { flow, relay } }: { fleet: FleetBody }): JSX.Element {
  return (
    <Table label="Who is behind with events" columns={['Who', 'Behind', 'Dead letters']}>
      {relay && (
        <tr>
          <th scope="row">relay to Kafka</th>
          <td>{lag(relay.lag_seconds)}{relay.events > 0 && `, ${plural(relay.events, 'event')}`}</td>
          <td>–</td>
        </tr>
      )}
      {flow.map(({ group, lag_seconds: seconds, dead_letters: dead }) => (
        <tr key={group}>
          <th scope="row">{group}</th>
          <td>{lag(seconds)}</td>
          <td>{count(dead)}</td>
        </tr>
      ))}
    </Table>
  );
}

const resumed = {
  read: 'it was given a checkpoint, and has read it', 'not-read': 'it was given a checkpoint, and has not read it', 'started-at-zero': 'it was given a checkpoint, and began at zero all the same',
  unknown: 'it was given a checkpoint; whether it has read it is not known', none: 'there was no checkpoint to give it',
} as const;

function Resumes({ resumes: { days, by_verdict: byVerdict } }: { resumes: FleetBody['resumes'] }): JSX.Element {
  return (
    <Section title={`What went on after an end, ${days} days`} empty={byVerdict.length === 0 && 'Nothing.'}>
      <Table label="Resumes by verdict" columns={['Verdict', 'Times']}>
        {byVerdict.map(({ verdict, times }) => <tr key={verdict}><th scope="row">{resumed[verdict]}</th><td>{count(times)}</td></tr>)}
      </Table>
    </Section>
  );
}

const causes = {
  stopped: 'stopped by somebody', failed: 'its program failed', 'out-of-memory': 'it was out of memory', lost: 'its process or machine was lost',
  preempted: 'it had to make room', evicted: 'its node was drained, or short of something', 'node-lost': 'its node was lost',
} as const;

function LostWork({ lost: { days, by_cause: byCause } }: { lost: FleetBody['lost_work'] }): JSX.Element {
  return (
    <Section title={`Work done twice, ${days} days`} empty={byCause.length === 0 && 'None that is known.'}>
      <Table label="Lost work" columns={['Why it ended', 'Times', 'Lost']}>
        {byCause.map(({ cause, times, seconds }) => (
          <tr key={cause}>
            <th scope="row">{causes[cause]}</th>
            <td>{count(times)}</td>
            <td>{duration(seconds * 1000)}</td>
          </tr>
        ))}
      </Table>
      <p class="quiet small">From the checkpoint that was gone on from to the end before it. The history of an experiment says it of each attempt, in steps too where it reported them.</p>
    </Section>
  );
}

function Refused({ refusals: { since, by_code: byCode } }: { refusals: FleetBody['refusals'] }): JSX.Element {
  return (
    <Section title={`Refused in the last ${duration(now.value - Date.parse(since))}`} empty={byCode.length === 0 && 'Nothing, by this gateway.'}>
      <Table label="Refused lately" columns={['Code', 'Times', 'Last', 'Last words']}>
        {byCode.map(({ code, count: times, last_at: last, last_detail: detail }) => (
          <tr key={code}>
            <th scope="row"><code>{code}</code></th>
            <td>{count(times)}</td>
            <td><Ago time={last} /></td>
            <td class="is-long quiet">{visible(detail)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
