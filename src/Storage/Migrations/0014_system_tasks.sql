-- The tasks of the platform itself: when each is due, which process runs it now, and how it went last. A row is kept over restarts, so that a restart does not
-- put a task off. A run of a task is claimed by a compare-and-swap of due_at and claim_id.
CREATE TABLE system_tasks (
  name text PRIMARY KEY,
  -- Null for a task that runs only when it is asked for.
  due_at timestamptz,
  -- The run under way and the silo that runs it; null when none is.
  claim_id uuid,
  host text,
  started_at timestamptz,
  ended_at timestamptz,
  -- Of the last run that has ended: what it gave, or why it failed.
  result json,
  error text,
  CHECK ((claim_id IS NULL) = (host IS NULL)),
  CHECK (result IS NULL OR error IS NULL)
);

-- The late executions that were reported, each once for each status, until the status changes.
CREATE TABLE late_executions (
  run_id uuid NOT NULL,
  status text NOT NULL,
  reported_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, status)
);

-- What users or operators are to be told (decision 42). A row is written in the transaction of what it tells of, and once, whatever is repeated: its key is made
-- from the event. Nothing sends them yet.
CREATE TABLE notification_events (
  key text PRIMARY KEY,
  type text NOT NULL,
  user_id text,
  channel text,
  data json NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (num_nonnulls(user_id, channel) = 1)
);
CREATE INDEX notification_events_in_order ON notification_events (created_at, key);

-- The error rates of blocks read the node executions of a day. They are added in the order of time, so that a summary by ranges of pages finds them and costs
-- next to nothing to keep.
CREATE INDEX node_executions_added ON node_executions USING brin (added_at) WITH (pages_per_range = 32, autosummarize = on);
