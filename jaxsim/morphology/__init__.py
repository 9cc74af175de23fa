"""Cell shapes: read, make, edit, measure and write them. Lengths are um throughout."""

from jaxsim.morphology.edit import attach, prune, rotation, split_branches, transform
from jaxsim.morphology.measure import RegionSummary, Summary, area, branch_order, path_distance, summary, volume
from jaxsim.morphology.morphology import TAG_NAMES, Morphology, tag_name
from jaxsim.morphology.shapes import Branch, ball_and_stick, binary_tree, cylinder, from_branches
from jaxsim.morphology.swc import read_swc, write_swc

__all__ = [
    "TAG_NAMES",
    "Branch",
    "Morphology",
    "RegionSummary",
    "Summary",
    "area",
    "attach",
    "ball_and_stick",
    "binary_tree",
    "branch_order",
    "cylinder",
    "from_branches",
    "path_distance",
    "prune",
    "read_swc",
    "rotation",
    "split_branches",
    "summary",
    "tag_name",
    "transform",
    "volume",
    "write_swc",
]
