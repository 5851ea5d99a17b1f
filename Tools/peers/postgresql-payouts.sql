\set payer random(1, :accounts)
\set first random(1, :accounts - 99)
SELECT pay_out(:payer, :first, 1);
