-- Who may sign in, their sessions, and the keys and secrets that the replicas of the API share.
CREATE TABLE accounts (
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT accounts_email UNIQUE (email),
  CONSTRAINT accounts_pkey PRIMARY KEY (id)
);
CREATE TABLE refresh_tokens (
  token_hash bytea NOT NULL,
  family uuid NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);
CREATE TABLE signing_keys (
  kid uuid NOT NULL,
  private_jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);
CREATE TABLE api_secrets (
  name text NOT NULL,
  value bytea NOT NULL,
  CONSTRAINT api_secrets_pkey PRIMARY KEY (name)
);
CREATE TABLE login_throttle (
  key character varying(255) NOT NULL,
  points integer NOT NULL DEFAULT 0,
  expire bigint,
  CONSTRAINT login_throttle_pkey PRIMARY KEY (key)
);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_account_id FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE ON UPDATE NO ACTION;
-- Lists by period, by channel and by latest change; the rare values of priority and category only, so that the hot insert pays little.
CREATE INDEX tickets_created ON tickets (created_at);
CREATE INDEX tickets_updated ON tickets (updated_at, number);
CREATE INDEX tickets_channel ON tickets (channel, number);
CREATE INDEX tickets_priority ON tickets (priority, number) WHERE priority <> 'normal';
CREATE INDEX tickets_category ON tickets (category_id, number) WHERE category_id IS NOT NULL;
CREATE INDEX customers_created ON customers (created_at, id);
