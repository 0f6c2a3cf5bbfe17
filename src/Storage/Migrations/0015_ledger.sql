-- What a run and its sub-agents have spent of the budget that it was started with (max_cost). Changed in the transaction of the charge, under the lock of the
-- wallet of its user; the constraint holds the promise that a budget is never exceeded.
CREATE TABLE run_budgets (
  user_id text NOT NULL,
  root_run_id uuid NOT NULL,
  max_credits bigint NOT NULL CHECK (max_credits >= 0),
  spent bigint NOT NULL CHECK (spent BETWEEN 0 AND max_credits),
  PRIMARY KEY (user_id, root_run_id)
) WITH (fillfactor = 50);

-- The budget that a charge counts against, so that its settlement gives back to the same one.
ALTER TABLE ledger ADD COLUMN budget_id uuid;

-- Charges that reserve a maximum and are settled by a second row when their node has ended. The index has those alone.
ALTER TABLE ledger ADD COLUMN reserves boolean NOT NULL DEFAULT false;
CREATE INDEX ledger_reservations ON ledger (at) WHERE reserves;

-- The administrators' view of all users.
CREATE INDEX ledger_in_order ON ledger (at DESC);

-- Below which balance credits are bought automatically, and how many; 0 for never.
ALTER TABLE wallets
  ADD COLUMN top_up_threshold bigint NOT NULL DEFAULT 0 CHECK (top_up_threshold >= 0),
  ADD COLUMN top_up_credits bigint NOT NULL DEFAULT 0 CHECK (top_up_credits >= 0);

-- Which users were told that their balance does not suffice for an agent (contract: semantics 3.4): once in 30 days, and again after credits came in.
CREATE TABLE zero_balance_notices (
  user_id text NOT NULL,
  graph_id uuid NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, graph_id)
);
