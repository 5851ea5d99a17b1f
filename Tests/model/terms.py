"""Orders with their lines and gates, as the rules speak of them.

Accounts are strings. An order as holder of claims is its number.
"""

from dataclasses import dataclass, field

AMOUNT_LIMIT = 2**128
TIME_LIMIT = 2**40
WHOLE = 10_000


class Refused(Exception):
    """An operation that the rules refuse, by the name of the error."""


@dataclass
class Gate:
    attestors: list
    threshold: int
    not_before: int
    deadline: int
    on_timeout: str = "fail"  # fail, meet, arbitrate
    follows: int | None = None
    if_silent: str = "fail"
    arbitration_period: int = 0
    state: str = "pending"  # pending, disputed, met, failed
    said: dict = field(default_factory=dict)
    ended_at: int = 0
    arbitration_ends: int = 0


@dataclass
class Line:
    tier: int
    payee: str
    amount: int
    gate: int | None = None
    voided: int = 0
    paid: int = 0
    claims: list = field(default_factory=list)  # [holder, units], first paid first

    @property
    def live(self):
        return self.amount - self.voided


@dataclass
class Order:
    id: int
    token: str
    buyer: str
    proposer: str
    lines: list
    gates: list
    arbiter: str | None = None
    due_at: int = 0
    status: str = "open"  # proposed, open, closed
    level: int = 0
    funded: int = 0
    refunded: int = 0
    guarantor: str | None = None
    lock: int = 0
    reimbursement: int = 0
    sources: list = field(default_factory=list)  # (order, line) whose claims it holds or held, first come first

    @property
    def outstanding(self):
        return sum(line.live for line in self.lines) - (self.funded - self.refunded)
