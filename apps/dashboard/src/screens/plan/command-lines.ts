// How is the same done in a terminal?
import type { CloneRequest } from '#contracts';
import type { Verb } from './verbs.ts';

interface Which {
  readonly user: string;
  readonly project: string;
  readonly id: number;
}

const overrideFile = 'override.yml';
const words: Readonly<Record<Verb, string>> = { resume: 'resume', stop: 'stop', restart: 'restart', copy: 'restart --copy' };

export function commandLine(which: Which, verb: Verb, request: CloneRequest = {}): string {
  const { content, update_code: newest, from, force, name } = request;
  const options = [
    ...(content === undefined ? [] : ['-f', overrideFile]), ...(newest ? ['-u'] : []), ...(from === undefined ? [] : ['--from', quoted(from)]), ...(name === undefined ? [] : ['--name', quoted(name)]),
    ...(force ? ['--force'] : []),
  ];
  const line = [start(which), words[verb], ...options].join(' ');
  return content === undefined ? line : `${written(content)}\n${line}`;
}

export function getLine(which: Which): string {
  return `${start(which)} get`;
}

/** `$POLYAXON_TOKEN` is not filled in: what is copied here may end up anywhere. */
export function curlLine(origin: string, which: Which, verb: Verb, request: CloneRequest = {}): string {
  const path = `/api/v1/${which.user}/${which.project}/experiments/${which.id}/${verb}`;
  return [
    `curl -X POST ${quoted(`${origin}${path}`)}`, `-H "Authorization: Token $POLYAXON_TOKEN"`, `-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(request))}`,
  ].join(' \\\n  ');
}

function start({ user, project, id }: Which): string {
  return `polyaxon experiment -p ${user}/${project} -xp ${id}`;
}

function written(content: string): string {
  let end = 'END';
  while (content.split('\n').includes(end)) end += 'D';
  return `cat > ${overrideFile} <<'${end}'\n${content.replace(/\n$/, '')}\n${end}`;
}

export function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
