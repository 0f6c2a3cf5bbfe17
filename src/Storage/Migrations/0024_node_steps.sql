-- What a node execution that runs tools in its place has done so far: answers of the model and results of tools, by the number of the step. An attempt after a crash takes
-- them from here and does not do them again (ADR 0035). The rows go when the node execution has ended.
CREATE TABLE node_steps (
  node_execution_id uuid NOT NULL,
  step int NOT NULL CHECK (step > 0),
  kind text NOT NULL,
  -- The text of the result, so that 5.0 stays a float.
  result json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (node_execution_id, step)
);
CREATE INDEX node_steps_by_age ON node_steps (created_at);
