"""`labels`: which compartments share one value of a parameter."""

import numpy as np

from jaxsim.cable.cable import Cable
from jaxsim.errors import must, unknown
from jaxsim.morphology.morphology import tag_name


def labels(cable: Cable, share: object) -> tuple[np.ndarray, list[str]]:
    """Who shares a parameter with whom: a group number for each compartment, and the groups' names.

    Args:
        cable: the cell.
        share: ``"cell"``, ``"region"``, ``"branch"``, ``"compartment"``, or (n_comp,) integers or strings.

    Returns:
        (n_comp,) int group of each compartment, 0 .. n_group - 1; and n_group names.

    Raises:
        ValueError: if a word is unknown or an array does not fit the cell.

    >>> from jaxsim.cable import PerBranch, discretise
    >>> from jaxsim.morphology import ball_and_stick
    >>> cable = discretise(ball_and_stick(10.0, 100.0, 1.0), PerBranch({"soma": 1, "dendrite": 3}))
    >>> labels(cable, "region")
    (array([0, 1, 1, 1]), ['soma', 'basal'])
    """
    if isinstance(share, str):
        return _labels_by_word(cable, share)
    groups = np.asarray(share)
    if groups.ndim != 1 or groups.dtype.kind not in "iuUS":
        raise ValueError(must("share", "be 'cell', 'region', 'branch', 'compartment' or (n_comp,) labels", share))
    if len(groups) != cable.n_comp:
        raise ValueError(must("share", f"have one label for each of {cable.n_comp} compartments", len(groups)))
    names, label = np.unique(groups, return_inverse=True)
    return label, [str(name) for name in names.tolist()]


def _labels_by_word(cable: Cable, share: str) -> tuple[np.ndarray, list[str]]:
    if share == "cell":
        return np.zeros(cable.n_comp, int), ["cell"]
    if share == "region":
        tags, label = np.unique(cable.tag, return_inverse=True)
        return label, [tag_name(t) for t in tags.tolist()]
    if share == "branch":
        return cable.branch.copy(), [f"branch {b}" for b in range(cable.n_branch)]
    if share == "compartment":
        places = zip(cable.branch.tolist(), cable.x.tolist(), strict=True)
        return np.arange(cable.n_comp), [f"branch {b}({x:.4g})" for b, x in places]
    raise ValueError(unknown("share", share, ["cell", "region", "branch", "compartment"], "Or give (n_comp,) labels."))
