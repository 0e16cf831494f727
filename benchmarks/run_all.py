"""Run every benchmark in a process of its own, one after another."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "imports",
    "cold_imports",
    "warm_runs",
    "warm_invokes",
    "whole_run",
    "record",
    "extraction",
    "package_init",
    "redeploy",
    "convert",
    "onnx_row",
)

if __name__ == "__main__":
    for script in (*SCRIPTS, "report"):
        print(f"--- {script}", flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(f"{script}.py")], check=True)
