-- SPDX-License-Identifier: Apache-2.0
-- AUTH-7: products of type 0 register their devices by themselves. How many may, and how fast, so
-- that a ProductKey that has leaked cannot fill the database.

ALTER TABLE product
  -- NULL: no limit
  ADD COLUMN registration_quota           bigint DEFAULT 100000,
  ADD COLUMN registration_rate_per_minute integer DEFAULT 6000,
  ADD CONSTRAINT product_registration_quota_is_not_negative CHECK (registration_quota >= 0),
  ADD CONSTRAINT product_registration_rate_is_positive CHECK (registration_rate_per_minute > 0);

-- Apart from `product`, whose changes are told to every plugin. The row is locked by whoever
-- registers, so that services which do it at once count one after the other; after the product and
-- before its devices, as everybody locks these three.
CREATE TABLE registration (
  product_id  text PRIMARY KEY,
  -- devices that registered themselves and are still there
  devices     bigint NOT NULL DEFAULT 0,
  -- each registration takes its share of a minute: when all that were taken will have passed
  spent_until timestamptz NOT NULL DEFAULT '-infinity',
  CONSTRAINT registration_product_exists FOREIGN KEY (product_id) REFERENCES product
    ON DELETE CASCADE
);
INSERT INTO registration (product_id, devices)
SELECT product_id, count(*) FROM device WHERE registered_by = 'device' GROUP BY product_id;
-- No product stops because of an upgrade.
UPDATE product SET registration_quota = NULL
WHERE product_id IN (SELECT product_id FROM registration WHERE devices > 50000);

-- A device that is deleted makes room, whoever deletes it.
CREATE FUNCTION registration_counts_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM changed WHERE registered_by = 'device') THEN
    RETURN NULL;
  END IF;
  PERFORM FROM registration
  WHERE product_id IN (SELECT product_id FROM changed WHERE registered_by = 'device')
  ORDER BY product_id FOR UPDATE;
  UPDATE registration r SET devices = greatest(r.devices - gone.count, 0)
  FROM (SELECT product_id, count(*) FROM changed WHERE registered_by = 'device'
        GROUP BY product_id) gone
  WHERE r.product_id = gone.product_id;
  RETURN NULL;
END $$;
CREATE TRIGGER device_deleted_counts AFTER DELETE ON device REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION registration_counts_deleted();
