"""Drawing the cast: who of the world plays which part, by the seed and distinct from each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.chance import stream
from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.model import CastMember
from simulator.playbook.planning.references import referred
from simulator.playbook.planning.selecting import select
from simulator.playbook.reading.nodes import Scalar, is_unknown, spoken_of
from simulator.world.model import Entity, Host, User, World


def draw_cast(members: Mapping[str, CastMember], world: World, seed: int, complaints: Complaints) -> dict[str, Entity]:
    """Return who plays each member. Adding a member at the end moves no other, unless they are after the same few."""
    drawing = _Drawing(members, world, seed, complaints)
    drawing.check()
    for name in drawing.order():
        drawing.draw(name)
    return {name: drawing.drawn[name] for name in members if name in drawing.drawn}


@dataclass
class _Drawing:
    members: Mapping[str, CastMember]
    world: World
    seed: int
    complaints: Complaints

    def __post_init__(self) -> None:
        self.drawn: dict[str, Entity] = {}
        self.partner_of = {
            name: found[0] for name, member in self.members.items() if (found := referred(member.selector.of))
        }

    def check(self) -> None:
        """Complain about `of` that leads nowhere."""
        for name, member in self.members.items():
            of = member.selector.of
            if of is None or is_unknown(of):
                continue
            partner = self.partner_of.get(name)
            wanted = {"host": "user", "user": "host"}.get(member.kinds[0])
            place = of.place if isinstance(of, Scalar) else member.place
            if partner is None or partner not in self.members:
                hint = did_you_mean(partner or "", self.members)
                self.complaints.add(
                    place, f"`of` takes another member of the cast, such as $victim, not {spoken_of(of)}{hint}"
                )
            elif wanted is None or self.members[partner].kinds[0] != wanted or partner in self.partner_of:
                self.complaints.add(place, "`of` takes a user for a host, or a host for a user, who has no `of`")

    def order(self) -> list[str]:
        """Return names so that who has the least choice chooses first, and `of` comes right after its partner."""
        free = [name for name in self.members if name not in self.partner_of]
        free.sort(key=lambda name: (self._choice(name) > 1, name not in self.partner_of.values(), self._choice(name)))
        return [
            each
            for name in free
            for each in (name, *(of for of, of_whom in self.partner_of.items() if of_whom == name))
        ]

    def draw(self, name: str) -> None:
        member = self.members[name]
        partner = self.drawn.get(self.partner_of.get(name, ""))
        candidates = self._candidates(name) if name not in self.partner_of else []
        if name in self.partner_of and partner is not None:
            candidates = [each for each in [self._partner(partner)] if each is not None]
        taken = set(self.drawn.values())
        order = stream(self.seed, f"cast/{name}").permutation(len(candidates))
        for place in order:
            if candidates[place] not in taken and self._leaves_partners(name, candidates[place], taken):
                self.drawn[name] = candidates[place]
                return
        if candidates:
            why = "all play other parts, or nobody goes with them"
            self.complaints.add(member.place, f"nobody is left who could be {name!r}: {why}; loosen a selector")
        elif partner is not None:
            self.complaints.add(member.place, f"nobody of the world {self.world.name!r} goes with {partner.name!r}")

    def _leaves_partners(self, name: str, entity: Entity, taken: set[Entity]) -> bool:
        """Say whether those who are `of` an entity would find somebody who is free."""
        for of, of_whom in self.partner_of.items():
            if of_whom == name:
                partner = self._partner(entity)
                if partner is None or partner in taken or not self.members[of].selector.picks(partner):
                    return False
        return True

    def _partner(self, entity: Entity) -> Entity | None:
        if isinstance(entity, User):
            return next((host for host in self.world.hosts if host.name == entity.host), None)
        return next((user for user in self.world.users if isinstance(entity, Host) and user.host == entity.name), None)

    def _candidates(self, name: str) -> list[Entity]:
        member = self.members[name]
        return list(select(f"{member.kinds[0]}s", member.selector, self.world, member.place, self.complaints))

    def _choice(self, name: str) -> int:
        return len(self._candidates(name))
