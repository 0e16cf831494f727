"""Token and endpoint are found where DataRobot's own client finds them."""

from pathlib import Path

import pytest

from dspipe.errors import ConfigurationError, PredictorAnswerError
from dspipe.predictors.datarobot._account import Account, find_account
from dspipe.predictors.datarobot._target import make_target, read_target

FILE = """---
# of the team
endpoint: "https://app.eu.datarobot.com/api/v2/"  # Europe
token: 'a#b'
ssl_verify: true
"""


def write(path: Path, text: str = FILE) -> Path:
    """Write a file of settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_file_that_is_named_comes_before_the_environment(tmp_path: Path) -> None:
    """Token and endpoint come from the same place, so that no token goes to a stranger."""
    path = write(tmp_path / "drconfig.yaml")
    environ = {"DATAROBOT_CONFIG_FILE": str(path), "DATAROBOT_API_TOKEN": "other"}

    found = find_account(None, environ)

    assert (found.token, found.origin) == ("a#b", str(path))
    assert Account(environ=environ).endpoint == "https://app.eu.datarobot.com/api/v2"


def test_environment_comes_before_the_file_at_home(tmp_path: Path) -> None:
    """As with DataRobot's own client."""
    write(tmp_path / ".config" / "datarobot" / "drconfig.yaml")
    home = {"HOME": str(tmp_path)}

    assert find_account(None, home).token == "a#b"  # noqa: S105 - made up
    assert find_account(None, {**home, "DATAROBOT_API_TOKEN": "e"}).origin == "DATAROBOT_API_TOKEN"
    assert find_account("given", home).origin == "the argument 'token'"
    assert find_account("given", home).endpoint == "https://app.datarobot.com/api/v2"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("endpoint: x\n", "{path} has no 'token'. Add a line 'token: ...' to it."),
        (
            "token: abc\nnested:\n  - secret-thing\n",
            "Line 3 of {path} is not of the form 'key: value'. Write one setting a line, such as "
            "'endpoint: https://app.datarobot.com/api/v2'.",
        ),
    ],
)
def test_file_is_refused_when_it_cannot_be_read_for_sure(
    tmp_path: Path, text: str, sentence: str
) -> None:
    """Nothing is guessed, and no line is shown."""
    path = write(tmp_path / "drconfig.yaml", text)

    with pytest.raises(ConfigurationError) as caught:
        find_account(None, {"DATAROBOT_CONFIG_FILE": str(path)})

    assert str(caught.value) == sentence.format(path=path)


def test_error_says_what_to_set_when_there_is_no_token(tmp_path: Path) -> None:
    """Both ways are named."""
    with pytest.raises(ConfigurationError) as caught:
        find_account(None, {"HOME": str(tmp_path)})

    assert str(caught.value) == (
        "There is no token for DataRobot. Set DATAROBOT_API_TOKEN to a token or to a reference "
        f"such as secret://datarobot#token, or write {tmp_path}/.config/datarobot/drconfig.yaml "
        "with 'token' and 'endpoint'."
    )


def test_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    """A wrong path is no reason to take another token."""
    path = tmp_path / "absent.yaml"

    with pytest.raises(ConfigurationError) as caught:
        find_account(None, {"DATAROBOT_CONFIG_FILE": str(path), "DATAROBOT_API_TOKEN": "t"})

    assert str(caught.value) == (
        f"The settings of DataRobot in {path} cannot be read: No such file or directory. Correct "
        "DATAROBOT_CONFIG_FILE, or unset it."
    )


def test_token_is_read_anew_when_it_was_refused(tmp_path: Path) -> None:
    """A file may have a new token by now; the same token again is no new one."""
    path = write(tmp_path / "drconfig.yaml")
    account = Account(environ={"DATAROBOT_CONFIG_FILE": str(path)})
    old = account.token()

    assert not account.renew(old)
    write(path, "token: newer\n")
    assert account.renew(old)
    assert account.renew(old)
    assert account.token() == account.known_token == "newer"


@pytest.mark.parametrize(
    ("server", "kind", "url"),
    [
        ("https://a.example", "dedicated", "https://a.example/predApi/v1.0/deployments/5f/predictions"),
        ("https://a.example/predApi/v1.0/", "dedicated", "https://a.example/predApi/v1.0/deployments/5f/predictions"),
        ("https://a.example/api/v2/", "serverless", "https://a.example/api/v2/deployments/5f/predictions"),
        ("http://pps:8080", "portable", "http://pps:8080/deployments/5f/predictions"),
    ],
)  # fmt: skip
def test_address_of_a_server_that_is_given(server: str, kind: str, url: str) -> None:
    """All four families of servers have their own paths."""
    assert make_target("5f", server, kind, None).url == url  # type: ignore[arg-type] # one of the kinds


def test_address_of_a_portable_server_with_one_model() -> None:
    """It has no deployments; all others need an id."""
    assert make_target(None, "http://pps", "portable", None).url == "http://pps/predictions"
    with pytest.raises(ConfigurationError) as caught:
        make_target(None, "http://a", "dedicated", None)
    assert str(caught.value) == (
        "DataRobotPredictor needs the id of a deployment. Only a portable prediction server with "
        "a single model goes without."
    )


def test_address_within_a_cluster_is_that_of_its_own_server() -> None:
    """A self-managed DataRobot tells by its endpoint that we are inside."""
    facts = {"status": "active", "model": {"targetType": "Binary", "targetName": "late"}}

    found = read_target(facts, "5f", "http://datarobot-nginx/api/v2")

    assert found.url == (
        "http://datarobot-prediction-server:80/predApi/v1.0/deployments/5f/predictions"
    )
    assert (found.key, found.target, found.task) == (None, "late", "binary")


def test_address_is_refused_when_nobody_scores() -> None:
    """A deployment on a foreign platform is scored there."""
    facts = {"predictionEnvironment": {"platform": "snowflake"}, "defaultPredictionServer": None}

    with pytest.raises(PredictorAnswerError) as caught:
        read_target(facts, "5f", "https://app.datarobot.com/api/v2")

    assert str(caught.value) == (
        "The deployment '5f' has no prediction server, and is not serverless (its platform is "
        "'snowflake'). Name the server with DataRobotPredictor(server=...)."
    )
