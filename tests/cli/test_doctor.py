"""`jaxsim doctor` in a process of its own, with and without the options for CPUs."""

import os
import subprocess
import sys


def doctor(*words: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    command = [sys.executable, "-m", "jaxsim", *words, "doctor"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tells_versions_options_and_a_right_run():
    said = doctor()
    assert "one spike arrives at the far end, as it should" in said
    assert "on  xla_cpu_prefer_vector_width" in said
    assert "us a step" in said
    assert "float32 by default" in said


def test_options_are_left_alone_on_request():
    assert "XLA_FLAGS       (none)" in doctor("--no-tune")
