"""Is what a row computed right? Compared, in the same run, with a peer of the same scheme and a converged run."""

import math
from typing import Any

import numpy as np

# Limits of a row that uses the peers' scheme, against the first of NEURON and jaxsim float64 that ran.
SAME_MV = {"float64": 1e-3}  # both probes, at every sample; single precision is judged by its spike times
SAME_SPIKE_MS = {"float64": 1e-3, "float32": 0.02}
ARBOR_SPIKE_MS = 0.1  # Arbor delivers a current at another point of the step: it differs by a fraction of dt
PASSIVE_RELATIVE = 1e-3  # r.m.s. over the greatest deflection, the limit that nsuite sets for Rallpack 1
# Limit of a second-order row against the converged run; grows with dt squared, and in proportion with runs longer than
# RUN_MS, in which a scheme's errors add up spike by spike. The scheme's own error at this step after 100 ms is 0.018 ms
# (HH cell) to 0.051 ms (layer-5 channels), ours and NEURON's alike; backward Euler's is 0.64 and 0.69 ms.
CONVERGED_SPIKE_MS, CONVERGED_DT, RUN_MS = 0.1, 0.025, 250.0
GRADIENT = {"float64": 1e-6, "float32": 1e-2}  # greatest error over greatest entry, against jaxsim float64


def reference_row(rows: list[dict[str, Any]], scheme: str = "BackwardEuler") -> dict[str, Any] | None:
    """The row that others of the same scheme must agree with."""
    done = [r for r in rows if "us_per_step" in r]
    for row in done:
        if row["label"] == "NEURON" and scheme == "BackwardEuler":
            return row
    ours = [r for r in done if r["simulator"] == "jaxsim" and r["dtype"] == "float64" and r["scheme"] == scheme]
    return ours[0] if ours else None


def converged_row(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The converged run, if it is there."""
    return next((r for r in rows if r["simulator"] == "reference" and "spike_times" in r), None)


def compare(row: dict[str, Any], other: dict[str, Any] | None) -> dict[str, float]:
    """Differences at both probes: greatest [mV], relative r.m.s.; the soma's last spike [ms] and its spikes."""
    if other is None or "v_soma" not in row or "v_soma" not in other:
        return {}
    found = {"mv": 0.0}
    for key in ("v_soma", "v_far"):
        a, b = np.array(row[key]), np.array(other[key])
        n = min(len(a), len(b))
        error = a[:n] - b[:n]
        found["mv"] = float(np.maximum(found["mv"], np.max(np.abs(error))))  # keeps a NaN
        size = np.max(np.abs(b[:n] - b[0])) or 1.0
        found[f"relative_{key}"] = float(np.sqrt(np.mean(error**2)) / size)
    ours, theirs = row["spike_times"], other["spike_times"]
    found["spikes"], found["spikes_wanted"] = len(ours), len(theirs)
    if ours and len(ours) == len(theirs):
        found["last_ms"] = ours[-1] - theirs[-1]
        found["worst_ms"] = float(np.max(np.abs(np.subtract(ours, theirs))))
    return found


def target_row(row: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What a row is compared with, itself where it is the reference; None where there is nothing."""
    if "gradient" in row:
        return reference_row(rows, row["scheme"] or "BackwardEuler")
    return reference_row(rows) if row["same"] else converged_row(rows)


def faults(row: dict[str, Any], rows: list[dict[str, Any]], work: dict[str, Any]) -> list[str]:
    """What is wrong with a row; empty where nothing is, or nothing is there to compare with.

    Args:
        row: the row.
        rows: all rows of its case.
        work: the case's work, with dt and t_end [ms].
    """
    if "error" in row:
        return ["a round failed"]
    if "gradient" in row:
        return _gradient_faults(row, rows)
    found = [] if not row.get("compiled_again") else [f"compiled {row['compiled_again']} times for other values"]
    if "v_soma" not in row:
        return found
    if not np.all(np.isfinite(row["v_soma"])):
        return [*found, "voltage is not finite"]
    target = target_row(row, rows)
    gap = {} if target is row else compare(row, target)
    if not gap:
        return found
    if gap["spikes"] != gap["spikes_wanted"]:
        return [*found, f"{gap['spikes']:.0f} spikes in place of {gap['spikes_wanted']:.0f}"]
    return found + _limits(row, gap, work)


def _limits(row: dict[str, Any], gap: dict[str, float], work: dict[str, Any]) -> list[str]:
    """Written so that a NaN is beyond every limit."""
    found = []
    if row["same"] and row["simulator"] != "arbor" and not gap["mv"] <= SAME_MV.get(row["dtype"], math.inf):
        found.append(f"{gap['mv']:.1e} mV off")
    if gap["spikes"] == 0:
        worst = float(np.maximum(gap["relative_v_soma"], gap["relative_v_far"]))
        if not worst <= PASSIVE_RELATIVE:
            found.append(f"relative error {worst:.1e}")
        return found
    if not row["same"]:
        limit = CONVERGED_SPIKE_MS * (work["dt"] / CONVERGED_DT) ** 2 * max(work["t_end"] / RUN_MS, 1.0)
    else:
        limit = ARBOR_SPIKE_MS if row["simulator"] == "arbor" else SAME_SPIKE_MS[row["dtype"]]
    if not gap["worst_ms"] <= limit:
        found.append(f"a spike {gap['worst_ms']:.2g} ms off")
    return found


def gradient_error(row: dict[str, Any], rows: list[dict[str, Any]]) -> float | None:
    """Greatest error over greatest entry against jaxsim's gradient in float64 of the same scheme."""
    other = target_row(row, rows) if "gradient" in row else None
    if other is None:
        return None
    exact = np.array(other["gradient"])
    return float(np.max(np.abs(np.array(row["gradient"]) - exact)) / np.max(np.abs(exact)))


def _gradient_faults(row: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    error = gradient_error(row, rows)
    if not np.all(np.isfinite(row["gradient"])):
        return ["gradient is not finite"]
    if error is None or error <= GRADIENT[row["dtype"]]:
        return []
    return [f"gradient {error:.1e} off"]
