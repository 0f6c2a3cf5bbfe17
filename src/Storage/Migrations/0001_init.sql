-- JSON is kept as type json, never jsonb: key order and the text of numbers must survive.
-- Tables of the log have no foreign keys: each insert would read and lock the parent row, and run_head guards them already.

CREATE TABLE users (
  id text PRIMARY KEY,
  email text,
  name text,
  created_at timestamptz NOT NULL
);
CREATE INDEX users_email ON users (email) WHERE email IS NOT NULL;

CREATE TABLE graphs (
  id uuid NOT NULL,
  version int NOT NULL CHECK (version >= 1),
  user_id text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  is_active boolean NOT NULL,
  document json NOT NULL,
  content_hash bytea,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE INDEX graphs_of_user ON graphs (user_id, created_at DESC);
CREATE INDEX graphs_by_content ON graphs (user_id, content_hash) WHERE content_hash IS NOT NULL;

CREATE TABLE runs (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  graph_id uuid NOT NULL,
  graph_version int NOT NULL,
  status text NOT NULL,
  inputs json NOT NULL,
  spec json NOT NULL,
  root_run_id uuid NOT NULL,
  parent_run_id uuid,
  parent_node_execution_id uuid,
  request_key text,
  created_at timestamptz NOT NULL,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  error text,
  stats json,
  deleted boolean NOT NULL DEFAULT false
);
CREATE INDEX runs_of_user ON runs (user_id, created_at DESC);
CREATE INDEX runs_of_graph ON runs (graph_id, created_at DESC);
CREATE INDEX runs_of_parent ON runs (parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_unfinished ON runs (user_id, created_at) WHERE status NOT IN ('COMPLETED', 'FAILED', 'TERMINATED');
CREATE UNIQUE INDEX runs_request_key ON runs (user_id, request_key) WHERE request_key IS NOT NULL;

-- The compare-and-swap of every append. Its rows change all the time and have no index but the key: room for updates in place.
CREATE TABLE run_head (
  run_id uuid PRIMARY KEY,
  epoch bigint NOT NULL,
  last_seq bigint NOT NULL,
  status text NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE execution_events (
  run_id uuid NOT NULL,
  seq bigint NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE TABLE node_outputs (
  run_id uuid NOT NULL,
  seq bigint NOT NULL,
  node_execution_id uuid NOT NULL,
  ordinal int NOT NULL,
  pin text NOT NULL,
  value json NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE TABLE node_executions (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL,
  ordinal int NOT NULL,
  node_id text NOT NULL,
  block_id text NOT NULL,
  status text NOT NULL,
  attempt int NOT NULL,
  host text,
  input json,
  price bigint NOT NULL,
  fee bigint NOT NULL DEFAULT 0,
  added_at timestamptz NOT NULL,
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  error text,
  stats json,
  UNIQUE (run_id, ordinal)
) WITH (fillfactor = 70);

CREATE TABLE run_snapshots (
  run_id uuid PRIMARY KEY,
  seq bigint NOT NULL,
  body json NOT NULL
);

CREATE TABLE dispatch_counts (
  user_id text PRIMARY KEY,
  window_start timestamptz NOT NULL,
  count bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE wallets (
  user_id text PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0),
  last_seq bigint NOT NULL,
  updated_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE ledger (
  user_id text NOT NULL,
  seq bigint NOT NULL,
  transaction_key text NOT NULL,
  type text NOT NULL CHECK (type IN ('USAGE', 'GRANT', 'TOP_UP', 'REFUND', 'CARD_CHECK')),
  amount bigint NOT NULL,
  running_balance bigint NOT NULL CHECK (running_balance >= 0),
  metadata json NOT NULL,
  shortfall bigint NOT NULL DEFAULT 0 CHECK (shortfall >= 0),
  at timestamptz NOT NULL,
  PRIMARY KEY (user_id, seq),
  UNIQUE (user_id, transaction_key)
);
CREATE INDEX ledger_history ON ledger (user_id, at DESC, seq DESC);

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
