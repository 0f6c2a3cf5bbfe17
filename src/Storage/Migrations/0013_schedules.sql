-- Schedules (contract: semantics 5.2 and 5.5). A disabled schedule has no due_at, so that the ticker does not see it.
CREATE TABLE schedules (
  id uuid PRIMARY KEY,
  shard integer NOT NULL GENERATED ALWAYS AS (get_byte(uuid_send(id), 3) & 63) STORED,
  user_id text NOT NULL,
  graph_id uuid NOT NULL,
  graph_version integer NOT NULL,
  name text NOT NULL,
  agent_name text,
  description text,
  message text,
  cron text,
  run_at timestamptz,
  dialect text NOT NULL,
  timezone text NOT NULL,
  inputs json NOT NULL,
  credentials json NOT NULL,
  overlap text NOT NULL CHECK (overlap IN ('allow', 'skip', 'buffer_one', 'cancel_other')),
  catch_up interval NOT NULL,
  jitter interval NOT NULL,
  pause_after_failures integer NOT NULL,
  repeated text NOT NULL CHECK (repeated IN ('first', 'both')),
  execution_window json,
  enabled boolean NOT NULL,
  disabled_reason text,
  origin text NOT NULL,
  origin_key text,
  decided_to timestamptz NOT NULL,
  next_at timestamptz,
  due_at timestamptz,
  zone_rules text NOT NULL,
  failures_from timestamptz NOT NULL,
  last_run_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  CHECK ((cron IS NULL) <> (run_at IS NULL))
) WITH (fillfactor = 70);

CREATE INDEX schedules_due ON schedules (shard, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX schedules_of_user ON schedules (user_id, created_at, id);
CREATE INDEX schedules_of_graph ON schedules (graph_id);
CREATE UNIQUE INDEX schedules_origin ON schedules (user_id, origin, origin_key) WHERE origin_key IS NOT NULL;

-- The history of schedules: a row for each occurrence that was claimed, and one for occurrences that were skipped for the same reason. The id of a row
-- that starts a run is the id of the run. wake_at is when somebody has to look at a row whose run has not been started.
CREATE TABLE schedule_firings (
  id uuid PRIMARY KEY,
  schedule_id uuid NOT NULL,
  shard integer NOT NULL GENERATED ALWAYS AS (get_byte(uuid_send(schedule_id), 3) & 63) STORED,
  user_id text NOT NULL,
  occurrence timestamptz NOT NULL,
  last_occurrence timestamptz NOT NULL,
  occurrences integer NOT NULL,
  trigger text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'backfill')),
  state text NOT NULL CHECK (state IN ('pending', 'buffered', 'started', 'skipped', 'failed')),
  attempt integer NOT NULL,
  reason text,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  wake_at timestamptz
) WITH (fillfactor = 80);

CREATE INDEX schedule_firings_of_schedule ON schedule_firings (schedule_id, created_at DESC, id);
CREATE INDEX schedule_firings_waiting ON schedule_firings (shard, wake_at) WHERE wake_at IS NOT NULL;
