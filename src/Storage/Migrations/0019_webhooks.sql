-- Webhooks, the presets that they trigger, and the inbox of their deliveries (contract: semantics 4.8 and 8.3).
CREATE TABLE webhooks (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  provider text NOT NULL,
  -- Empty for a webhook that the user enters at the provider by hand.
  credentials_id text NOT NULL,
  webhook_type text NOT NULL,
  resource text NOT NULL,
  events text[] NOT NULL,
  config json NOT NULL,
  -- Sealed with the key of the user.
  secret bytea NOT NULL,
  -- The provider's id of it; empty when it has none.
  provider_webhook_id text NOT NULL,
  -- Null until the provider has confirmed the registration; a crash in between leaves a row that the next set-up or the clean-up goes on with.
  registered_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX webhooks_of_user ON webhooks (user_id, provider, webhook_type);
CREATE INDEX webhooks_of_credentials ON webhooks (user_id, credentials_id) WHERE credentials_id <> '';

CREATE TABLE presets (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  graph_id uuid NOT NULL,
  graph_version integer NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  inputs json NOT NULL,
  credentials json NOT NULL,
  is_active boolean NOT NULL,
  -- Keeps the webhook from being deleted while a preset is attached to it.
  webhook_id uuid REFERENCES webhooks (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  CHECK (deleted_at IS NULL OR webhook_id IS NULL)
);
CREATE INDEX presets_of_user ON presets (user_id, created_at DESC, id) WHERE deleted_at IS NULL;
CREATE INDEX presets_of_graph ON presets (graph_id) WHERE deleted_at IS NULL;
CREATE INDEX presets_of_webhook ON presets (webhook_id) WHERE webhook_id IS NOT NULL;

-- The deliveries that were acknowledged, each once: the id of one that the provider has named is derived from that name. They are processed after that, and kept
-- for a while as the log of the webhook.
CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL,
  user_id text NOT NULL,
  -- The provider's id of the delivery; null where it has none.
  delivery_key text,
  event text NOT NULL,
  payload json NOT NULL,
  payload_bytes integer NOT NULL,
  -- The delivery whose payload this one repeats by hand, or null.
  replay_of uuid,
  received_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- When it is processed again if nobody has ended it; null when it is processed.
  due_at timestamptz,
  processed_at timestamptz,
  -- Why it could not be processed.
  error text,
  CHECK ((processed_at IS NULL) = (due_at IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, received_at DESC, id DESC);
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (received_at) WHERE processed_at IS NOT NULL;

-- What a delivery did to each preset that was attached to its webhook.
CREATE TABLE webhook_triggers (
  delivery_id uuid NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
  preset_id uuid NOT NULL,
  -- Derived from the two, so that a repeated start finds the run stored.
  run_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'started', 'skipped', 'failed')),
  reason text,
  at timestamptz NOT NULL,
  PRIMARY KEY (delivery_id, preset_id)
);
