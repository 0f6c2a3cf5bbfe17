-- Links to runs that anybody can open (contract: semantics 2.16, "Sharing"). A run has at most one; a new link takes the place of the earlier one.
CREATE TABLE shared_runs (
  run_id uuid PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  token uuid NOT NULL UNIQUE,
  shared_at timestamptz NOT NULL
);

-- Keys by which gateways encrypt what a browser carries from one of them to another. Each is sealed like a secret of a user.
CREATE TABLE page_keys (
  name text PRIMARY KEY,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL
);
