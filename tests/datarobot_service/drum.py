"""DataRobot's own DRUM, which serves a model of scikit-learn: a peer that we did not write.

It is installed in an environment of its own, where the model is trained too.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import urllib3

# In the environment of DRUM: reads rows and what to learn, writes the model and its own answers.
TRAINING = """
import json, pickle, sys
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

folder, task = sys.argv[1:]
rows = pd.read_csv(f"{folder}/rows.csv")
features, target = rows.drop(columns="y"), rows["y"]
kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
model = kind(random_state=0, max_iter=20, min_samples_leaf=2).fit(features, target)
with open(f"{folder}/model/model.pkl", "wb") as file:
    pickle.dump(model, file)
if task == "regression":
    answers = model.predict(features).tolist()
else:
    labels = [str(label) for label in model.classes_]
    answers = [dict(zip(labels, row)) for row in model.predict_proba(features).tolist()]
with open(f"{folder}/answers.json", "w") as file:
    json.dump(answers, file)
"""
HTTP = urllib3.PoolManager(retries=False)


class Drum:
    """A model that DRUM serves.

    Attributes
    ----------
    url : str
        Its address, without a path.
    answers : list of float, or of dict from label to probability
        What the model itself says of the rows that it was trained on.
    """

    def __init__(self, url: str, answers: list[float] | list[dict[str, float]]) -> None:
        self.url = url
        self.answers = answers


def train(program: Path, folder: Path, rows: str, task: str) -> None:
    """Train a model in the environment of DRUM; the target is the column ``y`` of the CSV."""
    (folder / "model").mkdir(parents=True)
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    python = program.parent / "python"
    subprocess.run([python, "-c", TRAINING, folder, task], check=True, timeout=120)


@contextmanager
def serve(program: Path, folder: Path, labels: Sequence[str]) -> Iterator[Drum]:
    """Serve a model that was trained, until the block ends.

    Parameters
    ----------
    program : Path
        ``drum`` in its environment.
    folder : Path
        As of `train`.
    labels : sequence of str
        None for a regression; the positive one first of two.
    """
    url = f"localhost:{find_port()}"
    command = [str(program), "server", "--code-dir", str(folder / "model"), "--address", url]
    with (folder / "drum.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *make_options(labels)],
            stdout=log,
            stderr=log,
            start_new_session=True,  # it starts workers, which must end with it
            env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
        )
    try:
        wait_for(f"http://{url}/ping/", process)
        answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
        yield Drum(f"http://{url}", answers)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)


def make_options(labels: Sequence[str]) -> list[str]:
    """Say what is predicted."""
    if not labels:
        return ["--target-type", "regression"]
    if len(labels) == 2:
        names = ["--positive-class-label", labels[0], "--negative-class-label", labels[1]]
        return ["--target-type", "binary", *names]
    return ["--target-type", "multiclass", "--class-labels", *labels]


def find_port() -> int:
    """Find a port that is free now: DRUM cannot choose one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    """Ask until somebody answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            if HTTP.request("GET", url).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"DRUM does not answer at {url}; its log lies beside the model.")
