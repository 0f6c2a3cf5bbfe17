-- What users buy from the payment provider (contract: semantics 3.5 to 3.8). The ledger gets a row only when a payment has succeeded; what the reference keeps as
-- an inactive transaction is a row here.
CREATE TABLE payments (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CHECKOUT', 'AUTOMATIC', 'CONFIGURED', 'CARD_CHECK')),
  status text NOT NULL CHECK (status IN ('PENDING', 'FULFILLED', 'FAILED')),
  -- Why it is not fulfilled.
  reason text,
  credits bigint NOT NULL CHECK (credits >= 0),
  -- The key of the transaction in the ledger once it is fulfilled; before that the provisional one of the contract.
  transaction_key text NOT NULL,
  -- The ids of the provider's objects.
  session_id text,
  intent_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- When the provider is asked what became of it; null when nothing is open.
  due_at timestamptz,
  -- A failed automatic payment keeps the key of its run, which refuses a second attempt in the run.
  UNIQUE (user_id, transaction_key),
  CHECK (status = 'PENDING' OR due_at IS NULL)
);
-- One payment over saved cards at a time per user, whichever silo makes it.
CREATE UNIQUE INDEX payments_one_at_a_time ON payments (user_id) WHERE status = 'PENDING' AND kind IN ('AUTOMATIC', 'CONFIGURED');
CREATE UNIQUE INDEX payments_session ON payments (session_id) WHERE session_id IS NOT NULL;
CREATE UNIQUE INDEX payments_intent ON payments (intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX payments_pending ON payments (user_id, created_at DESC) WHERE status = 'PENDING';
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;

-- The customer of the payment provider that stands for a user.
CREATE TABLE payment_customers (
  user_id text PRIMARY KEY,
  customer_id text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);

-- What users want back, one request per transaction (decision 12).
CREATE TABLE refund_requests (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  transaction_key text NOT NULL,
  -- Credits; once it is approved the amount that was given back.
  amount bigint NOT NULL CHECK (amount > 0),
  reason text NOT NULL,
  result text,
  status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED')),
  -- The provider's refund, or null while there is none.
  refund_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- When the refund that needs no decision is tried again; null for one that an administrator decides, and when nothing is open.
  due_at timestamptz,
  UNIQUE (user_id, transaction_key)
);
CREATE INDEX refund_requests_of_user ON refund_requests (user_id, created_at DESC);
CREATE INDEX refund_requests_due ON refund_requests (due_at) WHERE due_at IS NOT NULL;

-- The events that Stripe has sent, once each. The contents are not kept: the objects are read from Stripe as they are when the event is processed.
CREATE TABLE stripe_events (
  id text PRIMARY KEY,
  type text NOT NULL,
  object_id text NOT NULL,
  intent_id text,
  payment_id uuid,
  received_at timestamptz NOT NULL,
  processed_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  -- Why it was not processed, or processed without a change.
  error text,
  -- When it is tried again; null when it was processed.
  due_at timestamptz,
  CHECK ((processed_at IS NULL) = (due_at IS NOT NULL))
);
CREATE INDEX stripe_events_due ON stripe_events (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX stripe_events_old ON stripe_events (processed_at) WHERE processed_at IS NOT NULL;
