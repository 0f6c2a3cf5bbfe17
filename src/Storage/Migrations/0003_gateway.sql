-- What the platform derives from a graph version, computed when it is stored, so that a listing is one query. Null until
-- the server has filled in versions that are older than this column.
ALTER TABLE graphs ADD COLUMN model json;

-- What the caller of a run gave beside its inputs.
ALTER TABLE runs ADD COLUMN credential_inputs json, ADD COLUMN preset_id text;
