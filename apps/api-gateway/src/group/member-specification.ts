// Which polyaxonfile does a member of a group run?
import type { Json, RawSpecification } from '#polyaxonfile';

/** That of the group as an experiment with its params among the others; templates stay as they are, so that a later override renders them again. */
export function memberOf(group: RawSpecification, params: Readonly<Record<string, unknown>>): RawSpecification {
  const { hptuning: _, params: own, declarations, ...rest } = group;
  const given = (own ?? declarations ?? {}) as Record<string, Json>;
  return { ...rest, kind: 'experiment', params: { ...given, ...(params as Record<string, Json>) } };
}
