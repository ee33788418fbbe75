-- SPDX-License-Identifier: Apache-2.0
-- OTA-1, HEX-2: DownID, Url and hex as the source's examples have them, for firmware has fixed
-- buffers; a product may have the other form.
ALTER TABLE product
  ADD COLUMN down_id_length text NOT NULL DEFAULT 'short',
  ADD COLUMN hex_case       text NOT NULL DEFAULT 'lower',
  ADD CONSTRAINT product_down_id_length_is_known CHECK (down_id_length IN ('short', 'long')),
  ADD CONSTRAINT product_hex_case_is_known CHECK (hex_case IN ('lower', 'upper'));
-- Devices that are in the field get what they got before.
UPDATE product SET hex_case = 'upper' WHERE kind = 'hex';

-- 32 random bits, or 122: who knows it may download (OTA-4). Of so few bits two upgrades would meet
-- every now and then: one that has stood for anything before is not given again. Volatile, so that it
-- sees what the statement that calls it has given already.
CREATE FUNCTION new_down_id(length text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  drawn text;
BEGIN
  LOOP
    drawn := upper(replace(gen_random_uuid()::text, '-', ''));
    IF length = 'short' THEN
      drawn := left(drawn, 8);
    END IF;
    EXIT WHEN NOT EXISTS (SELECT FROM upgrade WHERE down_id = drawn)
          AND NOT EXISTS (SELECT FROM former_down_id WHERE down_id = drawn);
  END LOOP;
  RETURN drawn;
END $$;
ALTER TABLE upgrade ALTER COLUMN down_id SET DEFAULT new_down_id('short');
