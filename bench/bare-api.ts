// What is the least that must be done to answer the same requests? Fastify, pg, and the gateway's own queries, with nothing around them.
import { createHash, randomUUID } from 'node:crypto';
import fastify, { type FastifyRequest } from 'fastify';
import pg from 'pg';

const remembered = new Map<string, { username: string; until: number }>();
const rememberedMs = 5000;
const pool = new pg.Pool({ connectionString: process.env.POLYAXON_DATABASE_URL, max: 20 });

const tokenQuery = { name: 'token', text: `SELECT username, email, is_superuser FROM api_gateway.tokens JOIN api_gateway.users USING (username) WHERE digest = $1` };
const projectQuery = { name: 'project', text: `SELECT * FROM api_gateway.projects WHERE NOT deleted AND user_name = $1 AND name = $2` };
const experimentQuery = { name: 'experiment', text: `SELECT experiment.*, metric.values AS last_metric FROM api_gateway.experiments experiment
  LEFT JOIN api_gateway.last_metrics metric ON metric.experiment_id = experiment.id WHERE NOT experiment.deleted AND experiment.id = $1` };
const loadQuery = { name: 'load', text: `SELECT id, stream_name, position, type, data, metadata, time, transaction_id::text AS tx, global_position
  FROM event_store.messages WHERE stream_name = $1 ORDER BY position` };
const appendQuery = { name: 'append', text: `INSERT INTO event_store.messages (stream_name, category, position, id, type, data, metadata)
  VALUES ($1, 'experiment', 0, $2, 'ExperimentCreated', $3, $4) RETURNING id, time, transaction_id::text AS tx, global_position` };
const insertQuery = `INSERT INTO api_gateway.experiments (id, uuid, project_id, user_name, project_name, group_id, original_id, source_id, cloning_strategy, name, description, tags, content, command, params,
  environment, code_revision, outputs_path, logs_path, is_managed, ttl_seconds, requested_by, last_status, status_rank, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, NULL, $1, NULL, NULL, NULL, $6, $7, '', '', '{}', '{}', NULL, $8, $8, false, NULL, $4, 'created', -1, $9, $9) ON CONFLICT (id) DO NOTHING`;
const statusQuery = `INSERT INTO api_gateway.experiment_statuses (id, uuid, experiment_id, status, message, traceback, created_at)
  VALUES ($1, $2, $3, 'created', NULL, NULL, $4) ON CONFLICT (id) DO NOTHING`;
const updateQuery = `UPDATE api_gateway.experiments SET last_status = 'created', last_status_message = NULL, status_rank = 0, updated_at = greatest(updated_at, $2) WHERE id = $1 AND status_rank <= 0`;

interface Address {
  user: string;
  project: string;
  id: string;
}

interface NewExperiment {
  description: string;
  tags: string[];
  is_managed: boolean;
}

const newExperiment = {
  type: 'object',
  required: ['description', 'tags', 'is_managed'],
  properties: { description: { type: 'string', maxLength: 10_000 }, tags: { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 128 } }, is_managed: { type: 'boolean' } },
} as const;

const server = fastify();

server.get<{ Params: Address }>('/api/v1/:user/:project/experiments/:id', async (request, reply) => {
  const project = await access(request);
  if (!project) return reply.code(401).send();
  const { rows } = await pool.query<{ project_id: number }>({ ...experimentQuery, values: [request.params.id] });
  return rows[0]?.project_id === project.id ? rows[0] : reply.code(404).send();
});

server.post<{ Params: Address; Body: NewExperiment }>('/api/v1/:user/:project/experiments', { schema: { body: newExperiment } }, async (request, reply) => {
  const project = await access(request);
  if (!project) return reply.code(401).send();
  const { rows } = await pool.query<{ id: number }>(`SELECT nextval('api_gateway.experiment_ids')::int AS id`);
  const id = rows[0]?.id as number;
  await create(id, project.id, request.params, request.body);
  const created = await pool.query({ ...experimentQuery, values: [id] });
  return reply.code(201).send(created.rows[0]);
});

await server.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (server.server.address() as { port: number }).port });
process.on('disconnect', () => process.exit(0));

async function access(request: FastifyRequest<{ Params: Address }>): Promise<{ id: number } | null> {
  const token = /^token (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token || !(await userOf(token))) return null;
  const { rows } = await pool.query<{ id: number }>({ ...projectQuery, values: [request.params.user, request.params.project] });
  return rows[0] ?? null;
}

/** For as long as the gateway remembers it. */
async function userOf(token: string): Promise<string | null> {
  const digest = createHash('sha256').update(token).digest('hex');
  const known = remembered.get(digest);
  if (known && known.until > performance.now()) return known.username;
  const { rows } = await pool.query<{ username: string }>({ ...tokenQuery, values: [digest] });
  if (!rows[0]) return null;
  remembered.set(digest, { username: rows[0].username, until: performance.now() + rememberedMs });
  return rows[0].username;
}

async function create(id: number, projectId: number, { user, project }: Address, { description, tags }: NewExperiment): Promise<void> {
  const now = new Date().toISOString();
  const [uuid, eventId, path] = [randomUUID(), randomUUID(), `${user}/${project}/experiments/${id}`];
  const data = {
    experimentId: id, originalExperimentId: id, uuid, projectId, user, project, groupId: null, requestedBy: user, requestedAt: now, name: null, description, tags, content: '', params: {}, command: '',
    environment: {}, codeRevision: null, outputsPath: path, logsPath: path, isManaged: false, ttlSeconds: null,
  };
  const metadata = { actor: user, correlationId: eventId, schemaVersion: 1 };
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query({ ...loadQuery, values: [`experiment-${id}`] });
    const { rows } = await client.query<{ global_position: string }>({ ...appendQuery, values: [`experiment-${id}`, eventId, data, metadata] });
    await client.query(insertQuery, [id, uuid, projectId, user, project, description, JSON.stringify(tags), path, now]);
    await client.query(statusQuery, [rows[0]?.global_position, eventId, id, now]);
    await client.query(updateQuery, [id, now]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
