-- Values that agents keep for their user by key (contract: semantics 2.16). They belong to the user and stay when an agent is deleted.
CREATE TABLE user_values (
  user_id text NOT NULL,
  key text NOT NULL,
  -- The text of the value, so that 5.0 stays a float.
  value json NOT NULL,
  bytes int NOT NULL CHECK (bytes >= 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, key)
);
