-- A ledger as one would write it in a database: balances for speed, entries for the books.
CREATE TABLE account (id bigint PRIMARY KEY, balance numeric(39, 0) NOT NULL CHECK (balance >= 0));
CREATE TABLE transfer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE entry (
    transfer bigint NOT NULL, account bigint NOT NULL, amount numeric(39, 0) NOT NULL);
CREATE INDEX ON entry (account, transfer);
INSERT INTO account SELECT id, 1000000 FROM generate_series(1, :accounts) AS id;

-- Accounts are locked in one order, so that no two transfers wait for each other.
CREATE FUNCTION transfer(payer bigint, payee bigint, amount numeric) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    PERFORM 1 FROM account WHERE id IN (payer, payee) ORDER BY id FOR UPDATE;
    UPDATE account SET balance = balance - amount WHERE id = payer;
    UPDATE account SET balance = balance + amount WHERE id = payee;
    INSERT INTO transfer DEFAULT VALUES RETURNING id INTO number;
    INSERT INTO entry VALUES (number, payer, -amount), (number, payee, amount);
END $$;

-- One payer, a hundred payees next to each other, one amount each.
CREATE FUNCTION pay_out(payer bigint, first bigint, amount numeric) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    PERFORM 1 FROM account WHERE id = payer OR id BETWEEN first AND first + 99 ORDER BY id FOR UPDATE;
    UPDATE account SET balance = balance - 100 * amount WHERE id = payer;
    UPDATE account SET balance = balance + amount WHERE id BETWEEN first AND first + 99;
    INSERT INTO transfer DEFAULT VALUES RETURNING id INTO number;
    INSERT INTO entry
        SELECT number, payer, -100 * amount UNION ALL
        SELECT number, id, amount FROM generate_series(first, first + 99) AS id;
END $$;
