"""Who holds what is owed: claims that move, are pledged, waived and sold."""

from terms import Refused


class Claims:
    @staticmethod
    def merged(claims):
        out = []
        for holder, units in claims:
            if units == 0:
                continue
            if out and out[-1][0] == holder:
                out[-1][1] += units
            else:
                out.append([holder, units])
        return out

    def move_claim(self, by, order, index, to, units):
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        if to == by:
            raise Refused("SelfTransfer")
        claims, rest = [], units
        for holder, has in reversed(line.claims):
            moved = min(has, rest) if holder == by else 0
            rest -= moved
            claims[:0] = [[to, moved], [holder, has - moved]]
        claims = self.merged(claims)
        if len(claims) > max(256, len(line.claims)):
            raise Refused("TooManyHolders")
        # An order is on every list and never frozen.
        self.check(by, *([to] if isinstance(to, str) else []), token=order.token)
        return line, claims

    def transfer_claim(self, by, id, index, to, units):
        line, claims = self.move_claim(by, self.order(id), index, to, units)
        line.claims = claims

    def below(self, order):
        """The orders that money of an order flows into."""
        found = {h for line in order.lines for h, _ in line.claims if isinstance(h, int)}
        if order.reimbursement:
            found.add(order.reimbursement)
        return [id for id in found if self.orders[id - 1].status == "open"]

    def pledge(self, by, id, index, child_id, units):
        child = self.order(child_id)
        if by != child.buyer:
            raise Refused("NotParty")
        parent = self.order(id)
        self.line(parent, index)
        if parent.token != child.token:
            raise Refused("TokenMismatch")
        levels = self.lifted(parent, child)
        line, claims = self.move_claim(by, parent, index, child_id, units)
        line.claims = claims
        self.connect(parent, index, child)
        for order, level in levels.items():
            self.orders[order - 1].level = level

    def lifted(self, parent, child):
        levels, todo = {}, [(child.id, parent.level + 1)]
        if parent.id == child.id:
            raise Refused("PledgeCycle")
        while todo:
            id, level = todo.pop()
            if max(levels.get(id, 0), self.orders[id - 1].level) >= level:
                continue
            if id == parent.id:
                raise Refused("PledgeCycle")
            levels[id] = level
            if len(levels) > 10_000 or level > 10_000:
                raise Refused("PledgeTooDeep")
            todo += [(next, level + 1) for next in self.below(self.orders[id - 1])]
        if max(levels.values(), default=0) > 64:
            raise Refused("PledgeTooDeep")
        return levels

    def waive(self, by, id, index, units):
        order = self.order(id)
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        self.check(by, token=order.token)
        line.voided += units
        for entry in reversed(line.claims):
            if entry[0] == by:
                cut = min(units, entry[1])
                entry[1] -= cut
                units -= cut
        line.claims = self.merged(line.claims)
        self.cascade(order, is_paid_for=True)

    # Offers

    def offer(self, by, id, index, units, price, max_ahead, only_to, expiry):
        order = self.order(id)
        line = self.line(order, index)
        if units == 0 or sum(u for h, u in line.claims if h == by) < units:
            raise Refused("InsufficientClaim")
        self.check(by, token=order.token)
        self.offers.append([by, id, index, units, price, max_ahead, only_to, expiry, True])

    def open_offer(self, number):
        if not 1 <= number <= len(self.offers) or not self.offers[number - 1][-1]:
            raise Refused("OfferGone")
        return self.offers[number - 1]

    def buy(self, by, number):
        offer = self.open_offer(number)
        seller, id, index, units, price, max_ahead, only_to, expiry, _ = offer
        if expiry and self.now > expiry:
            raise Refused("OfferGone")
        if only_to and by != only_to:
            raise Refused("NotParty")
        order = self.order(id)
        line = self.line(order, index)
        if sum(u for h, u in line.claims if h == seller) < units:
            raise Refused("InsufficientClaim")
        if self.ahead(line, seller, units) > max_ahead:
            raise Refused("OfferGone")
        line, claims = self.move_claim(seller, order, index, by, units)
        self.transfer(by, seller, order.token, price)
        line.claims, offer[-1] = claims, False

    @staticmethod
    def ahead(line, seller, units):
        """What stands before the last unit that is sold, and is not sold itself: unit by unit, as it were."""
        pieces, rest = [], units
        for holder, has in reversed(line.claims):
            sold = min(has, rest) if holder == seller else 0
            rest -= sold
            pieces[:0] = [(True, sold), (False, has - sold)]
        last = max(place for place, (is_sold, n) in enumerate(pieces) if is_sold and n)
        return sum(n for is_sold, n in pieces[:last] if not is_sold)

    def withdraw(self, by, number):
        offer = self.open_offer(number)
        if by != offer[0]:
            raise Refused("NotParty")
        offer[-1] = False
