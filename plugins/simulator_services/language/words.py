"""Words of the language for services, and its usual units. Light: who only lists effects imports nothing more."""

from __future__ import annotations

from simulator import Word

MILLISECOND, SECOND, MINUTE = 1_000_000, 1_000_000_000, 60_000_000_000


class RouteName(Word):
    """Names a route of a service: ``GET /cart/{id}``, ``shop.Cart/AddItem``, ``process orders``."""

    __slots__ = ()
    pattern = r"\S+( \S.*)?"
    expected = "a route, such as GET /cart/{id}, shop.Cart/AddItem or process orders"


class Target(Word):
    """Says what is called: a service and one of its routes."""

    __slots__ = ()
    pattern = r"[a-z0-9]([a-z0-9-]*[a-z0-9])? \S.*"
    expected = "a service and a route of it, such as cart GET /cart/{id}"

    @property
    def service(self) -> str:
        return self.partition(" ")[0]

    @property
    def route(self) -> str:
        return self.partition(" ")[2]


class ServiceName(Word):
    """Names a service: small letters, digits and dashes, as in a host's name."""

    __slots__ = ()
    pattern = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    expected = "a name of small letters, digits and dashes"
