-- SPDX-License-Identifier: Apache-2.0
-- V2-3: a password of type 0 holds for as long as its keys do; who captured one may use it again. A product whose devices have
-- a clock may take logins of type 1 alone, each of which is good for once.
ALTER TABLE product ADD COLUMN require_type_1 boolean NOT NULL DEFAULT false;
