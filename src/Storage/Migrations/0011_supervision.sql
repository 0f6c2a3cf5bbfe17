-- Which silo has opened a run, and when its log moved last: the supervisor finds runs whose silo is dead, and runs that nobody goes on with.
-- The columns are written with the head, which each commit updates anyway, and have no index, so that updates stay in place.
ALTER TABLE run_head ADD COLUMN host text;
ALTER TABLE run_head ADD COLUMN moved_at timestamptz;

-- The 16 shards of the supervisor: the low half of the fourth byte of the id, which is random in every kind of id.
CREATE INDEX runs_supervised ON runs ((get_byte(uuid_send(id), 3) & 15), id) WHERE status NOT IN ('COMPLETED', 'FAILED', 'TERMINATED');
