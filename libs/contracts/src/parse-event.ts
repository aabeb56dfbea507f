// Is what came over the bus, or out of the store, really one of our events?
import { Ajv, type ValidateFunction } from 'ajv';
import { eventSchemas } from './generated/event-schemas.ts';
import { schemaVersions, type Event, type EventType } from './topics.ts';

/** It can never be read, however often it is tried: for the dead letters. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
}

/** Written by a newer release: wait for the upgrade, don't drop it. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';
}

type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

/** From version n to n + 1, by type: `upcasters.ExperimentCreated?.[1]` reads version 1. Pure, and never removed. */
const upcasters: Partial<Record<EventType, Record<number, Upcaster>>> = {};

const ajv = new Ajv({ allErrors: false, strict: false });
const validators = new Map<string, ValidateFunction>();

/** The event at its current version. Unknown extra keys are kept: additions don't make a new version. */
export function parseEvent(type: string, version: number, data: unknown): Event {
  if (!isEventType(type)) throw new UnreadableEvent(`no event is called ${type}`);
  const current = schemaVersions[type];
  if (version > current) throw new NewerEvent(`${type} v${version} is newer than v${current}, the one known here`);
  let upcasted = data as Record<string, unknown>;
  for (let from = version; from < current; from += 1) {
    const upcast = upcasters[type]?.[from];
    if (!upcast) throw new UnreadableEvent(`nothing brings ${type} v${from} to v${from + 1}`);
    upcasted = upcast(upcasted);
  }
  const validate = validatorOf(type);
  if (!validate(upcasted)) {
    const [error] = validate.errors ?? [];
    throw new UnreadableEvent(`${type} v${version}: data${(error?.instancePath ?? '').replaceAll('/', '.')} ${error?.message ?? 'is invalid'}`);
  }
  return { type, data: upcasted } as unknown as Event;
}

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(schemaVersions, type);
}

/** Compiled on first use: a service hears only some of them. */
function validatorOf(type: EventType): ValidateFunction {
  let validate = validators.get(type);
  if (!validate) {
    validate = ajv.compile(eventSchemas[type]);
    validators.set(type, validate);
  }
  return validate;
}
