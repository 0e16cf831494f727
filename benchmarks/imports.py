"""What `import dspipe` adds to a bare interpreter, as whole processes."""

import subprocess
import sys

from measure import Line, interleave, save

TARGET_MS = 60.0


def run_python(code: str) -> None:
    """Start an interpreter for one statement, without the folder beside us."""
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    door = "from dspipe import PredictionPipeline, sql"
    times = interleave(
        {
            "bare": lambda: run_python("pass"),
            "dspipe": lambda: run_python("import dspipe"),
            "door": lambda: run_python(door),
        },
        rounds=21,
        warmup=2,
    )
    bare = times["bare"] * 1e3
    save(
        "imports",
        [
            Line(
                what,
                "bare interpreter",
                f"at most {TARGET_MS:.0f} ms more",
                bare,
                times[way] * 1e3,
                "ms",
                times[way] / times["bare"],
                times[way] * 1e3 - bare <= TARGET_MS,
            )
            for way, what in (("dspipe", "import dspipe"), ("door", door))
        ],
    )
