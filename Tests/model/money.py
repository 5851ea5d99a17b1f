"""Balances, what a token refuses, and what is held for whom it refuses."""

from terms import Refused


class Money:
    def balance(self, account, token):
        return self.balances.get((token, account), 0)

    def mint(self, account, token, amount):
        self.balances[token, account] = self.balance(account, token) + amount

    def refusal(self, account, token):
        """Why an account can neither send nor receive, None where it can."""
        return "TokenPaused" if token in self.paused else self.bar(account, token)

    def bar(self, account, token):
        """The same, whether or not the token is paused."""
        if (token, account) in self.frozen:
            return "AccountFrozen"
        if token in self.listed and (token, account) not in self.allowed:
            return "AccountNotAllowed"
        return None

    def check(self, *accounts, token):
        for account in accounts:
            if why := self.refusal(account, token):
                raise Refused(why)

    def take(self, account, token, amount):
        if self.balance(account, token) < amount:
            raise Refused("ERC20InsufficientBalance")
        self.check(account, token=token)
        self.balances[token, account] -= amount

    def pay(self, account, token, amount):
        """Money that leaves a contract: held where the token refuses the payee."""
        purse = self.held if self.refusal(account, token) else self.balances
        purse[token, account] = purse.get((token, account), 0) + amount

    def release_held(self, account, token):
        if not self.held.get((token, account)):
            raise Refused("NothingHeld")
        self.check(account, token=token)
        self.mint(account, token, self.held.pop((token, account)))

    def claw_back(self, account, to, token, amount):
        has, held = self.balance(account, token), self.held.get((token, account), 0)
        if amount > has + held:
            raise Refused("ERC20InsufficientBalance")
        if why := self.bar(to, token):
            raise Refused(why)
        self.balances[token, account] = has - min(has, amount)
        if amount > has:
            self.held[token, account] = held - (amount - has)
        self.mint(to, token, amount)

    def transfer(self, sender, to, token, amount):
        if self.balance(sender, token) < amount:
            raise Refused("ERC20InsufficientBalance")
        self.check(sender, to, token=token)
        self.balances[token, sender] -= amount
        self.mint(to, token, amount)
