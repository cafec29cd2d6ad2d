"""Measurements of the mock's instances."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.instances import Instances
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.resources import Metric, Sample

# Metric name to unit.
UNITS = {
    "cpuUtilization": "Percent",
    "diskReadRequestCount": "Count",
    "diskReadSector": "Count",
    "diskWriteRequestCount": "Count",
    "diskWriteSector": "Count",
    "nicInputByte": "Bytes",
    "nicInputPacket": "Count",
    "nicOutputByte": "Bytes",
    "nicOutputPacket": "Count",
}
SAMPLES = 6


class Metrics(Instances):
    """One metric for each instance, made up from its id and the time."""

    def metrics(self, caller: Caller, filters: Filters) -> Sequence[Metric]:
        wanted = filters.get("id")
        now = int(self.conditions.clock())
        with self.objects_of(caller) as tx:
            kept = (self.instance_record(tx, record.id) for record in tx.all(InstanceRecord))
            return [
                Metric(
                    record.id,
                    record.name,
                    {name: _samples(record.id, name, now) if wanted else () for name in UNITS},
                )
                for record in kept
                if record is not None and wanted in (None, record.id)
            ]


def _samples(instance_id: str, name: str, now: int) -> tuple[Sample, ...]:
    return tuple(_sample(instance_id, name, now - age) for age in range(SAMPLES))


def _sample(instance_id: str, name: str, second: int) -> Sample:
    """Random, but the same for every reader of a second, in every format."""
    chance = random.Random(f"{instance_id} {name} {second}")
    low, high = chance.randint(1, 49), chance.randint(50, 99)
    unit = UNITS[name]
    if unit == "Percent":
        return Sample(low / 100, high / 100, (low + high) / 200, second, unit)
    return Sample(low, high, (low + high) // 2, second, unit)
