-- Kept since the first version, and never asked for.
ALTER TABLE graphs DROP COLUMN content_hash;
