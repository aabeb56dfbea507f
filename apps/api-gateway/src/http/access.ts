// Which routes are there for whom?
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ExperimentView } from '../views/experiments.view.ts';
import type { GroupView } from '../views/groups.view.ts';
import type { ProjectView } from '../views/projects.view.ts';
import type { Caller } from './authentication.ts';

/**
 * public: anybody. login: any user. admin: superusers. The others are about the project, the experiment or the group in the path: `read` is for everybody who is logged in when the
 * project is public, else for its owner; `write` for its owner. A superuser may do both.
 */
export type Policy = 'public' | 'login' | 'admin' | 'read-project' | 'write-project' | 'read-experiment' | 'write-experiment' | 'read-group' | 'write-group';

export interface AccessRule {
  readonly policy: Policy;
  /** Also for the experiment's own program, with the token of its run. */
  readonly run: boolean;
}

export const accessMetadata = 'polyaxon:access';

/** Every route under /api says whom it is for; one that doesn't is refused to all. */
export function Access(policy: Policy, { run = false }: { run?: boolean } = {}): MethodDecorator {
  const rule: AccessRule = { policy, run };
  const decorators = [SetMetadata(accessMetadata, rule), ApiExtension('x-polyaxon-access', rule)];
  return applyDecorators(...decorators, ...(policy === 'public' ? [] : [ApiBearerAuth()]));
}

/** What the guard has found out, so that nobody asks twice. */
export interface Granted {
  readonly caller?: Caller;
  readonly project?: ProjectView;
  readonly experiment?: ExperimentView;
  readonly group?: GroupView;
}

export const granted = new WeakMap<object, Granted>();

function part<Key extends keyof Granted>(key: Key): () => ParameterDecorator {
  return createParamDecorator((_: unknown, context: ExecutionContext) => {
    const value = granted.get(context.switchToHttp().getRequest<FastifyRequest>())?.[key];
    if (value === undefined) throw new TypeError(`this route's policy grants no ${key}`);
    return value;
  });
}

export const TheCaller = part('caller');
export const TheProject = part('project');
export const TheExperiment = part('experiment');
export const TheGroup = part('group');
