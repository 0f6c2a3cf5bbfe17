-- What a run measured changes with every node that ends. It stands beside the head, which changes then anyway and is narrow: an update of the
-- wide row of the run, with its five indexes, was the dearest part of a commit. That row is now written when the run starts and when it ends.
ALTER TABLE run_head ADD COLUMN stats json;
UPDATE run_head h SET stats = r.stats FROM runs r WHERE r.id = h.run_id AND r.stats IS NOT NULL;
ALTER TABLE runs DROP COLUMN stats;
