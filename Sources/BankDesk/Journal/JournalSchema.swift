import GRDB

/// The tables of a journal, by steps that are never changed once a program with them was in use.
///
/// - Source: `docs/formats/desk-journal.md`.
enum JournalSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: first)
        }
        migrator.registerMigration("submissions") { db in
            try db.execute(sql: submissions)
        }
        migrator.registerMigration("netting") { db in
            try db.execute(sql: netting)
        }
        migrator.registerMigration("paying-out") { db in
            try db.execute(sql: payingOut)
        }
        migrator.registerMigration("case-places") { db in
            // The first programs made their cases without.
            let known = Set(try db.columns(in: "deskCase").map(\.name))
            for (name, type) in [("place", "INTEGER"), ("details", "BLOB")]
            where !known.contains(name) {
                try db.execute(sql: "ALTER TABLE deskCase ADD COLUMN \(name) \(type)")
            }
            try db.execute(
                sql: """
                    CREATE INDEX IF NOT EXISTS entryOfRedemption ON entry (redemption)
                    WHERE redemption IS NOT NULL
                    """)
        }
        migrator.registerMigration("states") { db in
            try db.execute(sql: states)
        }
        migrator.registerMigration("doubtful-files") { db in
            try db.execute(
                sql: "ALTER TABLE paymentBatch ADD COLUMN isDoubtful INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("doubts-again") { db in
            try db.execute(
                sql: """
                    ALTER TABLE paymentBatch ADD COLUMN doubtedAt INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX signedCallOfSigner ON signedCall (signer, nonce);
                    """)
        }
        migrator.registerMigration("operators") { db in
            try db.execute(sql: operators)
        }
        migrator.registerMigration("moved-customers") { db in
            try db.execute(
                sql: "ALTER TABLE customer ADD COLUMN movedBehind INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("instructed-before") { db in
            try db.execute(sql: "ALTER TABLE redemption ADD COLUMN instructedIn INTEGER")
        }
        migrator.registerMigration("refused-since") { db in
            try db.execute(sql: "ALTER TABLE ledgerCall ADD COLUMN refusedAt INTEGER")
        }
        migrator.registerMigration("operators-before") { db in
            // Whom the ledger replaced was told behind the cursor of a desk that did not listen.
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO cursor (name, value)
                    SELECT 'operators', '0:0' WHERE EXISTS (SELECT 1 FROM cursor WHERE name = 'events')
                    """)
        }
        return migrator
    }

    // Whoever asked for its money as a bank's operator is that bank, also when it has another key by now.
    private static let operators = """
        CREATE TABLE formerOperator (
            address TEXT PRIMARY KEY,
            successor TEXT NOT NULL,
            block INTEGER
        ) STRICT;
        """

    // A round asks for what is in a state every half second. SQLite uses an index with a WHERE of its own only for
    // a statement that says the same in the same words, which these did not.
    private static let states = """
        DROP INDEX messageOfState;
        CREATE INDEX messageOfState ON message (state, id);
        DROP INDEX callOfState;
        CREATE INDEX callOfState ON ledgerCall (state, id);
        DROP INDEX batchOpen;
        CREATE INDEX batchOfState ON paymentBatch (state, madeAt);
        DROP INDEX submissionOfState;
        CREATE INDEX submissionOfState ON submission (state, id);
        CREATE INDEX statementOfState ON statement (state, day);
        CREATE INDEX cycleOfState ON netCycle (state);
        CREATE INDEX customerOfAccount ON customer (accountLookup);
        DROP INDEX caseOpen;
        CREATE INDEX caseOpen ON deskCase (kind, reason, entry, message, redemption, place)
            WHERE state = 'open';
        DROP INDEX entryTwins;
        CREATE INDEX entryTwins ON entry (account, amount, source, bookedOn);
        """

    // One debit may pay all redemptions of a file.
    private static let payingOut = """
        ALTER TABLE redemption ADD COLUMN entry INTEGER REFERENCES entry (id);
        CREATE INDEX redemptionOfEntry ON redemption (entry) WHERE entry IS NOT NULL;
        UPDATE redemption SET entry = (
            SELECT min(entry.id) FROM entry
            WHERE entry.redemption = redemption.id AND entry.state = 'confirmed');
        """

    // Amounts are decimal text: SQLite's integers end at 2^63. Addresses and hashes are 0x and hexadecimal
    // digits, so that a person can look for them.
    private static let first = """
        CREATE TABLE customer (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            address TEXT NOT NULL UNIQUE,
            isKept INTEGER NOT NULL,
            name BLOB NOT NULL,
            account BLOB NOT NULL,
            agent TEXT NOT NULL,
            accountLookup TEXT NOT NULL,
            virtual BLOB,
            virtualLookup TEXT UNIQUE,
            payout TEXT NOT NULL UNIQUE,
            fundsOrders INTEGER NOT NULL,
            isActive INTEGER NOT NULL DEFAULT 1,
            addedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash TEXT NOT NULL UNIQUE,
            kind TEXT,
            name BLOB,
            messageId TEXT,
            createdAt TEXT,
            state TEXT NOT NULL,
            reason TEXT,
            text TEXT,
            isReleased INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL,
            takenAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX messageOfState ON message (state) WHERE state != 'filed';

        CREATE TABLE ledgerCall (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            purpose TEXT NOT NULL,
            signer TEXT NOT NULL,
            target TEXT NOT NULL,
            data BLOB NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            madeAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX callOfState ON ledgerCall (state, id) WHERE state IN ('ready', 'waiting', 'signed');

        CREATE TABLE signedCall (
            hash TEXT PRIMARY KEY,
            call INTEGER NOT NULL REFERENCES ledgerCall (id),
            signer TEXT NOT NULL,
            nonce INTEGER NOT NULL,
            raw BLOB NOT NULL,
            state TEXT NOT NULL,
            block INTEGER
        ) STRICT;
        CREATE INDEX signedCallOfCall ON signedCall (call);
        CREATE INDEX signedCallOpen ON signedCall (signer, nonce) WHERE state = 'sent';

        CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message INTEGER NOT NULL REFERENCES message (id),
            place INTEGER NOT NULL,
            account TEXT NOT NULL,
            reference TEXT,
            groupReference TEXT,
            ledgerReference TEXT NOT NULL,
            amount TEXT NOT NULL,
            currency TEXT NOT NULL,
            isCredit INTEGER NOT NULL,
            isReversal INTEGER NOT NULL,
            bookedOn TEXT,
            source TEXT NOT NULL,
            alsoIn TEXT NOT NULL DEFAULT '',
            details BLOB NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            customer INTEGER REFERENCES customer (id),
            ledgerOrder TEXT,
            redemption INTEGER,
            call INTEGER REFERENCES ledgerCall (id),
            fundingCall INTEGER REFERENCES ledgerCall (id),
            funding TEXT,
            UNIQUE (message, place)
        ) STRICT;
        CREATE UNIQUE INDEX entryOfReference ON entry (account, reference, isCredit, isReversal)
            WHERE reference IS NOT NULL;
        CREATE INDEX entryOfGroup ON entry (account, groupReference)
            WHERE groupReference IS NOT NULL;
        CREATE INDEX entryOfState ON entry (state, id);
        CREATE INDEX entryOfCall ON entry (call) WHERE call IS NOT NULL;
        CREATE INDEX entryOfRedemption ON entry (redemption) WHERE redemption IS NOT NULL;
        CREATE INDEX entryOfFunding ON entry (funding, id) WHERE funding IS NOT NULL;
        CREATE INDEX entryTwins ON entry (account, amount, bookedOn);

        CREATE TABLE status (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message INTEGER NOT NULL REFERENCES message (id),
            place INTEGER NOT NULL,
            originalMessage TEXT NOT NULL,
            endToEnd TEXT,
            outcome TEXT NOT NULL,
            reasonCode TEXT NOT NULL,
            state TEXT NOT NULL,
            UNIQUE (message, place)
        ) STRICT;
        CREATE INDEX statusNew ON status (state, id) WHERE state = 'new';

        CREATE TABLE statement (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message INTEGER NOT NULL REFERENCES message (id),
            account TEXT NOT NULL,
            day TEXT NOT NULL,
            currency TEXT NOT NULL,
            closing TEXT NOT NULL,
            isNegative INTEGER NOT NULL,
            hash TEXT NOT NULL,
            call INTEGER REFERENCES ledgerCall (id),
            state TEXT NOT NULL
        ) STRICT;
        CREATE INDEX statementOfDay ON statement (day);

        CREATE TABLE paymentBatch (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            messageId TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            madeAt INTEGER NOT NULL,
            file BLOB,
            hash TEXT
        ) STRICT;
        CREATE INDEX batchOpen ON paymentBatch (state) WHERE state != 'written';

        CREATE TABLE redemption (
            id INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            amount TEXT NOT NULL,
            payout TEXT NOT NULL,
            customer INTEGER REFERENCES customer (id),
            state TEXT NOT NULL,
            reason TEXT,
            batch INTEGER REFERENCES paymentBatch (id),
            call INTEGER REFERENCES ledgerCall (id),
            paymentReference TEXT,
            block INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX redemptionOfState ON redemption (state, id);
        CREATE INDEX redemptionOfBatch ON redemption (batch) WHERE batch IS NOT NULL;
        CREATE INDEX redemptionOfCall ON redemption (call) WHERE call IS NOT NULL;

        CREATE TABLE deskCase (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            message INTEGER REFERENCES message (id),
            entry INTEGER REFERENCES entry (id),
            redemption INTEGER,
            place INTEGER,
            reason TEXT NOT NULL,
            text TEXT NOT NULL,
            details BLOB,
            state TEXT NOT NULL,
            decision TEXT,
            openedAt INTEGER NOT NULL,
            closedAt INTEGER
        ) STRICT;
        CREATE INDEX caseOpen ON deskCase (state, id) WHERE state = 'open';
        CREATE INDEX caseOfEntry ON deskCase (entry) WHERE entry IS NOT NULL;

        CREATE TABLE cursor (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT;
        """

    private static let netting = """
        CREATE TABLE netCycle (
            id TEXT PRIMARY KEY,
            closesAt INTEGER NOT NULL,
            deadline INTEGER NOT NULL,
            state TEXT NOT NULL,
            ticks INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE netPair (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            cycle TEXT NOT NULL REFERENCES netCycle (id),
            other TEXT NOT NULL,
            name TEXT NOT NULL,
            bic TEXT NOT NULL,
            reference TEXT NOT NULL UNIQUE,
            messageId TEXT NOT NULL UNIQUE,
            owing TEXT NOT NULL,
            owed TEXT NOT NULL,
            state TEXT NOT NULL,
            evidence TEXT,
            reason TEXT,
            told TEXT,
            file BLOB,
            UNIQUE (cycle, other)
        ) STRICT;

        CREATE TABLE netClaim (
            id INTEGER PRIMARY KEY,
            token TEXT NOT NULL,
            amount TEXT NOT NULL,
            payout TEXT NOT NULL,
            pair INTEGER REFERENCES netPair (id),
            state TEXT NOT NULL,
            block INTEGER NOT NULL,
            instructedIn INTEGER
        ) STRICT;
        CREATE INDEX netClaimOfPair ON netClaim (pair);

        ALTER TABLE redemption ADD COLUMN pair INTEGER REFERENCES netPair (id);
        CREATE INDEX redemptionOfPair ON redemption (pair) WHERE pair IS NOT NULL;
        ALTER TABLE entry ADD COLUMN pair INTEGER REFERENCES netPair (id);
        CREATE INDEX entryOfPair ON entry (pair) WHERE pair IS NOT NULL;
        """
}
