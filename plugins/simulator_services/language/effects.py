"""What can be wrong with a graph of services: what a step of a playbook may have under ``effects``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from simulator import NOWHERE, Bytes, Help, Nanoseconds, Place, Range, Share, Word
from simulator_services.language.words import MILLISECOND, MINUTE, RouteName, ServiceName, Target

_INSTANCES = Help("how many of its instances, in each region")
Instances = Annotated[Share, _INSTANCES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """A service takes longer for its own work."""

    noun: ClassVar[str] = "the effect `latency`"
    service: ServiceName
    factor: Annotated[float, Range(min=1, max=10_000), Help("how many times as long")]
    route: RouteName | None = None
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """A service fails more often by itself."""

    noun: ClassVar[str] = "the effect `errors`"
    service: ServiceName
    rate: Annotated[Share, Help("how many of its requests")]
    status: Annotated[int, Range(min=400, max=599)] = 500
    route: RouteName | None = None
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Instances handle fewer requests at once."""

    noun: ClassVar[str] = "the effect `capacity`"
    service: ServiceName
    factor: Annotated[float, Range(min=0, max=1), Help("what is left")]
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSize:
    """A service's pool of connections is smaller."""

    noun: ClassVar[str] = "the effect `pool_size`"
    service: ServiceName
    size: Annotated[int, Range(min=0, max=10_000), Help("connections of each instance that are left")]
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLeak:
    """Requests keep the connections of a service's pool: it is as large as ever, and fewer are there to take."""

    noun: ClassVar[str] = "the effect `connection_leak`"
    service: ServiceName
    left: Annotated[int, Range(min=0, max=10_000), Help("connections of each instance that are not lost")] = 0
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHitRate:
    """A cache has fewer answers. When it is over, the cache fills again by what is asked."""

    noun: ClassVar[str] = "the effect `cache_hit_rate`"
    service: ServiceName
    rate: Share = Share(0.0)
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLeak:
    """Instances use more and more memory until they are killed and start again."""

    noun: ClassVar[str] = "the effect `memory_leak`"
    service: ServiceName
    per_hour: Bytes = Bytes(0)
    per_request: Bytes = Bytes(0)
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuSteal:
    """Others take processor time away."""

    noun: ClassVar[str] = "the effect `cpu_steal`"
    service: ServiceName
    steal: Annotated[Share, Range(min=0, max=0.99)]
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuLoad:
    """Something runs in instances that has no business there: it uses their processors, and sends bytes."""

    noun: ClassVar[str] = "the effect `cpu_load`"
    service: ServiceName
    cores: Annotated[float, Range(above=0, max=256), Help("of each instance; it has no more than there are")]
    sends: Annotated[Bytes, Help("each second")] = Bytes(0)
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketLoss:
    """Packets to and from a service get lost: some calls wait for repetitions, a few fail."""

    noun: ClassVar[str] = "the effect `packet_loss`"
    service: ServiceName
    loss: Annotated[Share, Range(min=0, max=0.9)]
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """The clocks of instances are off. More than ``tolerance``, and they refuse what callers sign."""

    noun: ClassVar[str] = "the effect `clock_jump`"
    service: ServiceName
    by: Nanoseconds
    back: Annotated[bool, Help("they lose time instead of gaining it")] = False
    tolerance: Nanoseconds = Nanoseconds(5 * MINUTE)
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateExpiry:
    """A service's certificate expires when the effect starts, and is renewed when it ends."""

    noun: ClassVar[str] = "the effect `certificate_expiry`"
    service: ServiceName
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFill:
    """Something fills the disks of instances. Full, they cannot write."""

    noun: ClassVar[str] = "the effect `disk_fill`"
    service: ServiceName
    per_hour: Bytes
    region: Word | None = None
    share: Instances = Share(1.0)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceDeath:
    """Instances die, and are replaced when the effect ends."""

    noun: ClassVar[str] = "the effect `instance_death`"
    service: ServiceName
    region: Word | None = None
    share: Instances = Share(0.5)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class BadVersion:
    """A version is rolled out that is worse; when the effect ends, it is rolled back."""

    noun: ClassVar[str] = "the effect `bad_version`"
    service: ServiceName
    version: str
    share: Annotated[Share, Help("how many of its instances get it at first: a canary")] = Share(1.0)
    promoted: Annotated[Share | None, Help("how many get it then")] = None
    promoted_after: Nanoseconds = Nanoseconds(30 * MINUTE)
    latency: Annotated[float, Range(min=1, max=10_000), Help("how many times as long its own work takes")] = 1.0
    errors: Annotated[Share, Help("how many of its requests fail")] = Share(0.0)
    leak_per_hour: Bytes = Bytes(0)
    route: RouteName | None = None
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLoss:
    """Everything in a region is gone. Traffic goes elsewhere once somebody or something notices."""

    noun: ClassVar[str] = "the effect `region_loss`"
    region: Word
    failover: Annotated[Nanoseconds, Help("until traffic goes to other regions")] = Nanoseconds(2 * MINUTE)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyTimeout:
    """A service does not answer: its callers wait as long as they are ready to."""

    noun: ClassVar[str] = "the effect `dependency_timeout`"
    service: ServiceName
    rate: Annotated[Share, Help("of the requests to it")] = Share(1.0)
    route: RouteName | None = None
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStorm:
    """Those who call a service try again more often."""

    noun: ClassVar[str] = "the effect `retry_storm`"
    service: ServiceName
    attempts: Annotated[int, Range(min=2, max=10), Help("for each call that fails")] = 5
    backoff: Annotated[Nanoseconds, Range(min=MILLISECOND)] = Nanoseconds(20 * MILLISECOND)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStartStorm:
    """A function's warm instances are gone: requests wait for new ones to start."""

    noun: ClassVar[str] = "the effect `cold_start_storm`"
    service: ServiceName
    share: Annotated[Share, Help("of the requests")] = Share(0.8)
    slower: Annotated[float, Range(min=1, max=100), Help("how many times as long a start takes")] = 1.0
    region: Word | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """There is more traffic from outside, or less."""

    noun: ClassVar[str] = "the effect `traffic`"
    factor: Annotated[float, Range(min=0, max=1000)]
    to: Annotated[Target | None, Help("only to this route")] = None
    place: Place = NOWHERE


EFFECTS: dict[str, type] = {
    "latency": Latency,
    "errors": Errors,
    "capacity": Capacity,
    "pool_size": PoolSize,
    "connection_leak": ConnectionLeak,
    "cache_hit_rate": CacheHitRate,
    "memory_leak": MemoryLeak,
    "cpu_steal": CpuSteal,
    "cpu_load": CpuLoad,
    "packet_loss": PacketLoss,
    "clock_jump": ClockJump,
    "certificate_expiry": CertificateExpiry,
    "disk_fill": DiskFill,
    "instance_death": InstanceDeath,
    "bad_version": BadVersion,
    "region_loss": RegionLoss,
    "dependency_timeout": DependencyTimeout,
    "retry_storm": RetryStorm,
    "cold_start_storm": ColdStartStorm,
    "traffic": Surge,
}
