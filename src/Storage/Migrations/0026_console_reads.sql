-- Who used a credential when: the newest accesses to one credential, among those to all of its user. Nothing has read them by user alone.
DROP INDEX credential_accesses_of_user;
CREATE INDEX credential_accesses_of_credential ON credential_accesses (user_id, credential_id, at DESC, id DESC);

-- The runs of the last day, for operators. Runs are added in the order of time, so a summary by ranges of pages finds them and costs next to nothing to keep.
CREATE INDEX runs_created ON runs USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);
