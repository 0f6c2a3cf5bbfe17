-- The unfinished runs of a user and graph, which are counted before a schedule starts another one (contract: decision 24). Only statements that have this condition use
-- the index, and they can use no other partial index of runs: those look equally cheap while few runs are unfinished, and would be read as a whole for each count.
CREATE INDEX runs_unfinished_of_graph ON runs (user_id, graph_id) WHERE parent_run_id IS NULL AND (status IN ('COMPLETED', 'FAILED', 'TERMINATED')) IS FALSE;
