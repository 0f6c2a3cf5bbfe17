-- What people decide before a run goes on (contract: semantics 2.12). A review belongs to one node execution, so that an attempt which is repeated finds it.
CREATE TABLE reviews (
  node_execution_id uuid PRIMARY KEY,
  run_id uuid NOT NULL,
  user_id text NOT NULL,
  graph_id uuid NOT NULL,
  graph_version int NOT NULL,
  node_id text NOT NULL,
  -- What is to be approved; after an approval with changes, what was approved.
  payload json NOT NULL,
  instructions text,
  editable boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'APPROVED', 'REJECTED')),
  message text,
  was_edited boolean,
  -- Whether the node has gone on with the decision.
  processed boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz,
  reviewed_at timestamptz
);
CREATE INDEX reviews_of_run ON reviews (run_id, created_at);
CREATE INDEX reviews_waiting ON reviews (user_id, created_at DESC) WHERE status = 'WAITING';

-- Nodes whose further executions in the same run are approved without asking.
CREATE TABLE auto_approvals (
  run_id uuid NOT NULL,
  node_id text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, node_id)
);

-- Settings of all versions of a graph; a graph without a row has the contract's defaults (decision 39).
CREATE TABLE graph_settings (
  graph_id uuid PRIMARY KEY,
  human_in_the_loop_safe_mode boolean NOT NULL,
  sensitive_action_safe_mode boolean NOT NULL
);
