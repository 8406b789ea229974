"""How often one may fail to sign in, or ask for a link. A good link is never held up by bad ones."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from deliberate.errors import TooMany
from deliberate.people.rules import household


class Gate:
    """Counts in this process: with several workers each counts for itself."""

    def __init__(self, rate: str) -> None:
        self.rate = parse(rate)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())

    def count_failure(self, address: str) -> None:
        """Raises TooMany once an address has failed too often."""
        if not self.limiter.hit(self.rate, "address", household(address)):
            raise TooMany(
                "There were too many attempts from your network. Wait a minute, then try again. A link that "
                "has not been used still works."
            )

    def may_write_to(self, email: str) -> bool:
        """Whether this account may be sent one more link now."""
        return self.limiter.hit(self.rate, "account", email)


def gate_of(request: Request) -> Gate:
    state = request.app.state
    if not hasattr(state, "sign_in_gate"):
        state.sign_in_gate = Gate(state.settings.sign_in_limit)
    gate: Gate = state.sign_in_gate
    return gate


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""
