"""Worlds of playbooks: from a file, from a file with changes, or written inline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.model import WitnessText, WorldText, WorldUse
from simulator.telemetry.renderer import Renderer
from simulator.world.description import Description, HostGroup
from simulator.world.generation import build
from simulator.world.model import Delay, Selector, Witness, World


def changed(text: WorldText, use: WorldUse) -> WorldText:
    """Return a world with what a playbook adds to it, and its witnesses in the place of the world's own."""
    return dataclasses.replace(
        text,
        networks={**text.networks, **use.networks},
        hosts=text.hosts + use.hosts,
        users=text.users + use.users,
        outsiders=text.outsiders + use.outsiders,
        witnesses=text.witnesses if use.witnesses is None else use.witnesses,
        systems={**text.systems, **use.systems},
    )


def world_of(
    text: WorldText,
    name: str,
    renderers: Mapping[str, Renderer],
    complaints: Complaints,
    machines: Sequence[HostGroup] = (),
) -> World:
    """Make a world, with the machines that its systems add. What is wrong with it is added to the complaints."""
    name = text.name or name
    netbios = text.netbios or text.domain.partition(".")[0].upper()[:15]
    described = Description(
        name,
        text.title or name,
        text.domain,
        netbios,
        {str(name): cidr for name, cidr in text.networks.items()},
        (*text.hosts, *machines),
        text.users,
        text.outsiders,
        text.place,
    )
    witnesses = tuple(_witness(each, renderers, complaints) for each in text.witnesses)
    world = build(described, witnesses, complaints)
    for each in text.witnesses:
        if each.hosts != Selector() and not any(each.hosts.picks(host) for host in world.hosts):
            complaints.add(each.place, f"{str(each.renderer)!r} is deployed on no host; loosen `hosts`")
    return world


def _witness(text: WitnessText, renderers: Mapping[str, Renderer], complaints: Complaints) -> Witness:
    renderer = renderers.get(text.renderer)
    if renderer is None:
        hint = did_you_mean(text.renderer, renderers) or "; `feint plugins` lists those that are installed"
        complaints.add(text.renderer.place, f"no renderer is called {str(text.renderer)!r}{hint}")
    elif not renderer.witness and text.hosts != Selector():
        complaints.add(text.place, f"{str(text.renderer)!r} watches the network and not a host; leave `hosts` out")
    elif text.every is not None and renderer.metrics is None:
        complaints.add(text.place, f"{str(text.renderer)!r} samples no metrics; leave `every` out")
    return Witness(text.renderer, text.hosts, Delay(text.delay.p50, text.delay.p99), text.skew, text.every, text.place)
