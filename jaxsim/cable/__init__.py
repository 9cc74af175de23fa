"""Compartments: from a traced tree to the geometry and the graph of the cable equation."""

from jaxsim.cable.cable import Cable
from jaxsim.cable.discretise import discretise
from jaxsim.cable.location import Location
from jaxsim.cable.policy import DLambda, MaxLength, PerBranch, Policy
from jaxsim.cable.sharing import labels
from jaxsim.cable.where import (
    Quantity,
    Region,
    as_region,
    branch_order,
    branches,
    everywhere,
    from_mask,
    locate,
    path_distance,
    radius,
    select,
    tag,
)

__all__ = [
    "Cable",
    "DLambda",
    "Location",
    "MaxLength",
    "PerBranch",
    "Policy",
    "Quantity",
    "Region",
    "as_region",
    "branch_order",
    "branches",
    "discretise",
    "everywhere",
    "from_mask",
    "labels",
    "locate",
    "path_distance",
    "radius",
    "select",
    "tag",
]
