"""Write docs/benchmarks.md from the results that the benchmarks kept."""

import json
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PARTS = {
    "extraction": "Reading the flights of 2013 into pandas",
    "warm_runs": "A warm run",
    "whole_run": "A whole run with gradient boosting (50,000 rows a batch are the default)",
    "imports": "Importing",
    "warm_invokes": "A warm request to the Lambda handler",
    "cold_imports": "What dspipe adds to the init of a Lambda function, in CPU time",
    "package_init": "The init of a built package under AWS's emulator",
    "convert": "Converting a notebook, as a whole process",
    "onnx_row": "Gradient boosting with a column transformer, as ONNX",
    "record": "Recording a golden run, as a part of the run",
    "redeploy": "Deploying a change of code, against the stand-in of AWS",
}
INTRODUCTION = """# Benchmarks

[Tutorial](tutorial/index.md), [how-to](how-to/index.md), [reference](reference/index.md) and \
[explanation](explanation/index.md) are the shelves beside this page.

Each line compares dspipe with an ordinary way of doing the same, in the same run, on the same data.
Rounds are interleaved and medians are shown, because a machine's speed drifts and a ratio does not.
`make bench` measures again and rewrites this page; it takes minutes.
No test asserts a time.
A target that was missed says so.
For reading, the ratio says how many times faster dspipe is; elsewhere, how many times as long it \
takes.
"Frame given" is a pipeline whose frame is there already; the handler by hand builds its columns \
from JSON.
"""


def write_page() -> None:
    """Write the page anew."""
    results = {name: read(name) for name in PARTS}
    machine = results["imports"]["machine"]
    parts = [INTRODUCTION, describe(machine)]
    parts += [table(title, results[name]["lines"]) for name, title in PARTS.items()]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def read(name: str) -> dict:
    """Read what one benchmark kept."""
    return json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))


def describe(machine: dict) -> str:
    """Tell what the numbers were measured on."""
    libraries = ", ".join(
        f"{name} {value}"
        for name, value in sorted(machine.items())
        if name not in {"cores", "python", "system"}
    )
    return (
        f"Measured on {machine['cores']} shared cores, {machine['system']}, Python "
        f"{machine['python']}, with {libraries}.\n"
    )


def table(title: str, lines: list[dict]) -> str:
    """Draw one benchmark as a Markdown table."""
    rows = [
        f"| {line['what']} | {line['baseline']}: {show(line['baseline_value'])} {line['unit']} "
        f"| {show(line['value'])} {line['unit']} | {line['ratio']:.2f} | {verdict(line)} |"
        for line in lines
    ]
    head = "| what | baseline | dspipe | ratio | target |\n|---|--:|--:|--:|---|"
    return "\n".join([f"## {title}\n", head, *rows, ""])


def show(value: float) -> str:
    """Write a number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - digits


def verdict(line: dict) -> str:
    """Say whether the target was reached, where there is one."""
    if line["target"] in {"for comparison", "no target"}:
        return line["target"]
    return f"{line['target']}: {'reached' if line['reached'] else '**missed**'}"


if __name__ == "__main__":
    write_page()
