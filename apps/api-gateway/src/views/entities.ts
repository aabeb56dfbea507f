// Which rows do users read?
import type { Measure } from '#contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { viewsSchema as schema } from './view.ts';

type Json = Record<string, unknown>;
const asNumber = { from: (value: string | null) => (value === null ? null : Number(value)), to: (value: number | null) => value };

@Entity({ name: 'projects', schema })
@Index('projects_by_name', ['user', 'name'], { unique: true, where: 'NOT deleted' })
export class ProjectRow {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'uuid' }) uuid!: string;
  @Column({ name: 'user_name', type: 'text' }) user!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text', nullable: true }) description!: string | null;
  @Column({ type: 'jsonb' }) tags!: string[];
  @Column({ name: 'is_public', type: 'boolean' }) isPublic!: boolean;
  @Column({ name: 'latest_revision', type: 'text', nullable: true }) latestRevision!: string | null;
  @Column({ type: 'boolean', default: false }) deleted!: boolean;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
  @Column({ name: 'updated_at', type: 'timestamptz' }) updatedAt!: Date;
}

@Entity({ name: 'experiments', schema })
@Index('experiments_listed', ['projectId', 'id'], { where: 'NOT deleted' })
@Index('experiments_by_status', ['projectId', 'lastStatus', 'id'], { where: 'NOT deleted' })
@Index('experiments_live', ['id'], { where: 'NOT deleted AND finished_at IS NULL' })
@Index('experiments_ended', ['user', 'finishedAt'], { where: 'NOT deleted AND finished_at IS NOT NULL' })
@Index('experiments_by_original', ['originalId'])
@Index('experiments_resumes', ['originalId', 'id'], { where: `cloning_strategy = 'resume' AND NOT deleted` })
@Index('experiments_by_source', ['sourceId'])
@Index('experiments_by_name', ['projectId', 'name'], { unique: true, where: 'NOT deleted AND name IS NOT NULL' })
export class ExperimentRow {
  @PrimaryColumn({ type: 'integer' }) id!: number;
  @Column({ type: 'uuid' }) uuid!: string;
  @Column({ name: 'project_id', type: 'integer' }) projectId!: number;
  @Column({ name: 'user_name', type: 'text' }) user!: string;
  @Column({ name: 'project_name', type: 'text' }) project!: string;
  @Column({ name: 'group_id', type: 'integer', nullable: true }) groupId!: number | null;
  @Column({ name: 'original_id', type: 'integer' }) originalId!: number;
  @Column({ name: 'source_id', type: 'integer', nullable: true }) sourceId!: number | null;
  @Column({ name: 'cloning_strategy', type: 'text', nullable: true }) cloningStrategy!: 'resume' | 'restart' | 'copy' | null;
  @Column({ type: 'text', nullable: true }) name!: string | null;
  @Column({ type: 'text', nullable: true }) description!: string | null;
  @Column({ type: 'jsonb' }) tags!: string[];
  @Column({ type: 'text' }) content!: string;
  @Column({ type: 'text' }) command!: string;
  @Column({ type: 'jsonb' }) params!: Json;
  @Column({ type: 'jsonb' }) environment!: Json;
  @Column({ name: 'code_revision', type: 'text', nullable: true }) codeRevision!: string | null;
  @Column({ name: 'outputs_path', type: 'text' }) outputsPath!: string;
  @Column({ name: 'outputs_store', type: 'text', default: 'default' }) outputsStore!: string;
  @Column({ name: 'outputs_delete_requested_at', type: 'timestamptz', nullable: true }) outputsDeleteRequestedAt!: Date | null;
  @Column({ name: 'outputs_deleted_at', type: 'timestamptz', nullable: true }) outputsDeletedAt!: Date | null;
  @Column({ name: 'is_pinned', type: 'boolean', default: false }) isPinned!: boolean;
  @Column({ name: 'logs_path', type: 'text' }) logsPath!: string;
  @Column({ name: 'is_managed', type: 'boolean' }) isManaged!: boolean;
  @Column({ name: 'ttl_seconds', type: 'integer', nullable: true }) ttlSeconds!: number | null;
  @Column({ name: 'requested_by', type: 'text' }) requestedBy!: string;
  @Column({ name: 'last_status', type: 'text' }) lastStatus!: string;
  @Column({ name: 'last_status_message', type: 'text', nullable: true }) lastStatusMessage!: string | null;
  /** How far the life has come; a status of a lower rank, heard late, changes nothing. */
  @Column({ name: 'status_rank', type: 'bigint', transformer: asNumber }) statusRank!: number;
  @Column({ type: 'integer', default: 0 }) attempt!: number;
  /** The latest that has ended and is followed by another. */
  @Column({ name: 'over_attempt', type: 'integer', default: 0 }) overAttempt!: number;
  @Column({ name: 'exit_code', type: 'integer', nullable: true }) exitCode!: number | null;
  @Column({ name: 'run_env', type: 'jsonb', nullable: true }) runEnv!: Json | null;
  @Column({ name: 'data_refs', type: 'jsonb', nullable: true }) dataRefs!: Json | null;
  @Column({ type: 'text', nullable: true }) framework!: string | null;
  @Column({ type: 'text', nullable: true }) backend!: string | null;
  @Column({ type: 'boolean', default: false }) deleted!: boolean;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
  @Column({ name: 'updated_at', type: 'timestamptz' }) updatedAt!: Date;
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true }) startedAt!: Date | null;
  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true }) finishedAt!: Date | null;
}

@Entity({ name: 'experiment_statuses', schema })
@Index('experiment_statuses_by_experiment', ['experimentId', 'id'])
export class StatusRow {
  /** Place of the event in the store: the same in every rebuild. */
  @PrimaryColumn({ type: 'bigint', transformer: asNumber }) id!: number;
  /** Of the event. */
  @Column({ type: 'uuid' }) uuid!: string;
  @Column({ name: 'experiment_id', type: 'integer' }) experimentId!: number;
  @Column({ type: 'text' }) status!: string;
  @Column({ type: 'text', nullable: true }) message!: string | null;
  @Column({ type: 'text', nullable: true }) traceback!: string | null;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
}

/** Data, not events: a program may log thousands a second. */
@Entity({ name: 'metrics', schema })
@Index('metrics_by_experiment', ['experimentId', 'id'])
export class MetricRow {
  @PrimaryColumn({ type: 'bigint', generated: 'increment', transformer: asNumber }) id!: number;
  @Column({ name: 'experiment_id', type: 'integer' }) experimentId!: number;
  @Column({ type: 'jsonb' }) values!: Record<string, Measure>;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt!: Date;
  /** 0: it was not said. */
  @Column({ type: 'integer', default: 0 }) attempt!: number;
}

/** The last value of each metric of an experiment. */
@Entity({ name: 'last_metrics', schema })
export class LastMetricRow {
  @PrimaryColumn({ name: 'experiment_id', type: 'integer' }) experimentId!: number;
  @Column({ type: 'jsonb' }) values!: Record<string, Measure>;
}

/** Thrown away and made again by a rebuild, in this order. */
export const rebuiltTables = ['projects', 'experiments', 'experiment_params', 'experiment_statuses', 'groups', 'group_statuses'] as const;
