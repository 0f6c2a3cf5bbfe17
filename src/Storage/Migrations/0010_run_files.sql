-- The files of runs. They were on the disk of one process; in a cluster a later node of the run may be on another machine.
-- A save writes the content first, under an id of its own, and then the row here: a reader sees the old content or the new one, whole.
CREATE TABLE run_files (
  run_id uuid NOT NULL,
  name text NOT NULL,
  user_id text NOT NULL,
  content_id uuid NOT NULL,
  bytes bigint NOT NULL CHECK (bytes >= 0),
  -- Where the content is: in run_file_pages, or outside of the database under its id.
  place text NOT NULL CHECK (place IN ('database', 's3', 'disk')),
  saved_at timestamptz NOT NULL,
  -- Set when there is no run whose graph would be collected one day, as for a block that is executed by itself.
  expires_at timestamptz,
  PRIMARY KEY (run_id, name)
);
CREATE INDEX run_files_expiring ON run_files (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE run_file_pages (
  content_id uuid NOT NULL,
  page int NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (content_id, page)
);
-- Most files are compressed already; trying again costs processor time for nothing.
ALTER TABLE run_file_pages ALTER COLUMN body SET STORAGE EXTERNAL;

-- Contents outside of the database that are to be deleted. A content is entered before it is written and taken out when its row is saved, so that one
-- whose process ended in between is deleted as well.
CREATE TABLE run_file_removals (
  content_id uuid PRIMARY KEY,
  place text NOT NULL,
  due_at timestamptz NOT NULL
);
CREATE INDEX run_file_removals_due ON run_file_removals (place, due_at);
