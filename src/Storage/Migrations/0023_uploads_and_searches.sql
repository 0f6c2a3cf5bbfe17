-- Files that users upload for their runs are kept as the files of runs are (ADR 0024): a row under the id of the upload, which expires, and a content.
ALTER TABLE run_files ADD COLUMN uploaded boolean NOT NULL DEFAULT false;
CREATE INDEX run_files_uploaded ON run_files (user_id) WHERE uploaded;

-- The last searches of each user in the builder, a few for each; the oldest are deleted with each new one.
CREATE TABLE builder_searches (
  user_id text NOT NULL,
  search_id text NOT NULL,
  query text NOT NULL,
  filter text[],
  by_creator text[],
  searched_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, search_id)
);
