-- A graph is deleted by a mark. Users do not see a marked version any more, but the runs that were started with it are rebuilt from its
-- document until they have ended; without it they could neither go on nor be stopped. Marked versions are removed when no run needs them.
ALTER TABLE graphs ADD COLUMN deleted_at timestamptz;
CREATE INDEX graphs_deleted ON graphs (deleted_at) WHERE deleted_at IS NOT NULL;
