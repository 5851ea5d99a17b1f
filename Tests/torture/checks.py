"""What must hold at the end, on every node."""

import json

from cascades import check_chains
from consortium import dip, expect, until
from payments import GAS, GWEI

HEX = 16


class Verdict:
    """Compares all nodes of a consortium with what was acknowledged, and with one another."""

    def __init__(self, consortium, payers, chains=(), voters=(), retired=()):
        self.consortium, self.payers, self.chains, self.retired = consortium, payers, chains, retired
        self.nodes = consortium.nodes
        self.acknowledged = [done for caller in [*payers, *chains, *voters]
                             for done in caller.acknowledged]

    def check(self, audit=True, seconds=180):
        """Everything; the nodes have been stopped afterwards.

        - Returns: a sentence about what was compared.
        """
        self.await_rest(seconds)
        self.heads_are_equal(seconds)
        self.chains_are_equal()
        self.nothing_is_lost_or_doubled()
        self.accounts_are_right()
        self.sums_are_equal()
        orders = check_chains(self.nodes, self.chains) if self.chains else 0
        self.proofs_hold(seconds)
        self.consortium.stop()
        audits = self.audits_pass() if audit else 0
        return (f"{len(self.acknowledged)} acknowledged transactions, each once and in its block on all "
                f"of {len(self.nodes)} nodes; {self.height} equal blocks, all certified; "
                + (f"{orders} orders, all paid in full; " if orders else "")
                + f"all sums equal; {audits} audits passed")

    def await_rest(self, seconds):
        """Waits until no pool has anything left, so that nothing is made any more."""
        def are_empty():
            return all(node.metric("dip_pool_transactions") == 0 for node in self.nodes)
        until(seconds, are_empty, "empty pools")

    def heads_are_equal(self, seconds):
        def are_equal():
            standings = [node.standing() for node in self.nodes]
            heads = [node.head() for node in self.nodes]
            self.height = int(heads[0]["number"], HEX)
            self.facts = [(int(head["number"], HEX), head["hash"], head["stateRoot"],
                           standing["certified"]) for head, standing in zip(heads, standings)]
            return (len({(head["hash"], head["stateRoot"]) for head in heads}) == 1
                    and all(standing["certified"] == self.height for standing in standings))
        try:
            until(seconds, are_equal, "equal heads, all certified")
        except AssertionError as fault:
            raise AssertionError(f"{fault}: {self.facts}") from None

    def chains_are_equal(self):
        heights = [[hex(height), False] for height in range(self.height + 1)]
        self.blocks = None
        for node in self.nodes:
            blocks = node.client.batch("eth_getBlockByNumber", heights)
            if self.blocks is None:
                self.blocks = blocks
            for ours, theirs in zip(self.blocks, blocks):
                expect(ours["hash"] == theirs["hash"] and ours["stateRoot"] == theirs["stateRoot"],
                       f"bank {node.number} has another block {theirs['number']}:", ours, theirs)

    def nothing_is_lost_or_doubled(self):
        places = {}
        for block in self.blocks:
            for hash in block["transactions"]:
                expect(hash not in places, f"{hash} is in two blocks")
                places[hash] = block
        for done in self.acknowledged:
            block = places.get(done.hash)
            expect(block is not None, f"LOST: bank {done.bank} acknowledged {done.hash} "
                   f"({done.mode}, block {done.height})")
            expect(block["hash"] == done.block,
                   f"{done.hash} was acknowledged in block {done.height} {done.block}, "
                   f"it is in {block['number']} {block['hash']}")
        expect(len({done.hash for done in self.acknowledged}) == len(self.acknowledged))
        asked = [[done.hash] for done in self.acknowledged]
        for node in self.nodes:
            for done, receipt in zip(
                    self.acknowledged, node.client.batch("eth_getTransactionReceipt", asked)):
                expect(receipt is not None, f"bank {node.number} has no receipt of {done.hash}")
                expect((receipt["blockHash"], int(receipt["transactionIndex"], HEX),
                        receipt["status"]) == (done.block, done.index, "0x1"),
                       f"bank {node.number} has another receipt of {done.hash}:", receipt)

    def accounts_are_right(self):
        genesis = json.loads((self.consortium.folder / "banks/genesis.json").read_text())
        allocation = {account.lower(): int(units) for account, units in genesis["allocation"].items()}
        for node in self.nodes:
            for payer in self.payers:
                nonce = int(node.call("eth_getTransactionCount", payer.account, "latest"), HEX)
                paid = len(payer.acknowledged)
                # One more may have been under way when the load ended.
                expect(paid <= nonce <= paid + 1,
                       f"bank {node.number}: nonce {nonce} after {paid} payments of {payer.account}")
                left = int(node.call("eth_getBalance", payer.account, "latest"), HEX)
                got = int(node.call("eth_getBalance", "0x" + payer.receiver.hex(), "latest"), HEX)
                expect(got == nonce, f"bank {node.number}: {got} units came of {nonce} payments")
                expect(left == allocation[payer.account.lower()] - nonce * (1 + GAS * GWEI),
                       f"bank {node.number}: {payer.account} has {left} left")

    def sums_are_equal(self):
        """No DIP was made or lost, and all nodes tell the same of fees and the treasury."""
        genesis = json.loads((self.consortium.folder / "banks/genesis.json").read_text())
        issued = sum(int(units) for units in genesis["allocation"].values())
        told = [node.call("dip_economy") for node in self.nodes]
        expect(all(economy == told[0] for economy in told), "economies differ:", *told)
        expect(int(told[0]["supply"]) == issued, f"{told[0]['supply']} DIP of {issued} are there")

    def proofs_hold(self, seconds):
        """Each node has the certificate of every block, or fetches it soon, and so proves each payment."""
        for node in self.nodes:
            until(seconds, lambda: node.metric("dip_uncertified_blocks") == 0,
                  f"bank {node.number} has all certificates")
            for payer in self.payers:
                if payer.acknowledged:
                    node.call("dip_proof", payer.acknowledged[-1].hash)

    def audits_pass(self):
        for node in self.nodes:
            status, told, said = dip("audit", node.data, "--json", "--scratch", self.consortium.folder)
            expect(status == 0, f"dip audit of bank {node.number}:", told, said)
            found = json.loads(told)
            expect(found["last"] == self.height == found["certificates"],
                   f"audit of bank {node.number} misses something:", told)
        for node, height, hash in self.retired:
            expect(self.blocks[height]["hash"] == hash,
                   f"bank {node.number} left with another block {height}:", hash, self.blocks[height])
            status, told, said = dip("audit", node.data, "--json", "--scratch", self.consortium.folder)
            expect(status == 0, f"dip audit of bank {node.number}, which left:", told, said)
        return len(self.nodes) + len(self.retired)

