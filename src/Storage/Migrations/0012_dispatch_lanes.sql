-- Each writer of the execution log counts dispatches in rows of its own lane, so that writers of several silos do not wait for each other.
ALTER TABLE dispatch_counts ADD COLUMN lane integer NOT NULL DEFAULT 0;
ALTER TABLE dispatch_counts DROP CONSTRAINT dispatch_counts_pkey;
ALTER TABLE dispatch_counts ADD PRIMARY KEY (user_id, lane);

-- Up to which count of a window the fees of a user are settled. Changed only when a fee is due.
CREATE TABLE dispatch_fees (
  user_id text PRIMARY KEY,
  window_start timestamptz NOT NULL,
  settled bigint NOT NULL
);

INSERT INTO dispatch_fees (user_id, window_start, settled) SELECT user_id, window_start, count FROM dispatch_counts;
