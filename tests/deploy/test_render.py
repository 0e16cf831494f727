"""A template as text: short forms, comments, and the same template when it is read again."""

from pathlib import Path
from typing import Any

from deploy.drawn_settings import FACTS, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from dspipe.deploy import DeploySettings, make_template, read_template, write_template

leaves = st.text(max_size=8) | st.integers() | st.booleans() | st.dates().map(str)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("ab:", min_size=1, max_size=5), inner, max_size=3),
        st.text("ABC: #'-", min_size=1, max_size=9).map(lambda name: {"Ref": name}),
        st.text("ab ${}:", max_size=9).map(lambda text: {"Fn::Sub": text}),
        st.lists(inner, min_size=1, max_size=2).map(lambda found: {"Fn::Join": found}),
        st.just({"Fn::GetAtt": ["Role", "Arn"]}),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("AB", min_size=1, max_size=4), values, min_size=1))
def test_template_is_the_same_when_it_is_read_again(template: dict[str, Any]) -> None:
    """Whatever a template holds, writing and reading loses nothing."""
    assert read_template(write_template(template)) == template


@settings(max_examples=25)
@given(tables)
def test_comments_are_all_that_the_text_of_a_deployment_loses(table: dict[str, Any]) -> None:
    """The reasons stand above the resources, and everything else is in the text."""
    template = make_template(DeploySettings(root=Path(), env="dev", **table), FACTS)

    read = read_template(write_template(template))

    for resource in template["Resources"].values():
        del resource["Metadata"]["Comment"]
        if not resource["Metadata"]:
            del resource["Metadata"]
    assert read == template


def test_text_is_as_a_person_would_write_it() -> None:
    """Short forms without quotes, lists under their keys, one comment a line."""
    resource = {
        "Type": "AWS::SQS::Queue",
        "Metadata": {"Comment": "First line.\nSecond line.", "checkov": {"skip": []}},
        "Properties": {
            "Name": {"Ref": "Name"},
            "Arns": [{"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::Sub": "arn:${AWS::Region}: x"}],
            "Version": "2012-10-17",
        },
    }

    text = write_template(
        {
            "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]}},
            "Resources": {"Queue": resource},
        }
    )

    assert (
        text
        == """\
Conditions:
  Has: !Not [!Equals [!Ref Name, '']]

Resources:

  # First line.
  # Second line.
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Name: !Ref Name
      Arns:
        - !GetAtt Role.Arn
        - !Sub 'arn:${AWS::Region}: x'
      Version: '2012-10-17'
    Metadata:
      checkov:
        skip: []
"""
    )


def test_template_of_somebody_else_is_read() -> None:
    """Long forms, tables in functions, conditions and dates without quotes are understood."""
    text = "A: !Sub {Text: x}\nB: !Condition Has\nC: {Fn::If: [Has, 2012-10-17, !Ref X]}\n"

    assert read_template(text) == {
        "A": {"Fn::Sub": {"Text": "x"}},
        "B": {"Condition": "Has"},
        "C": {"Fn::If": ["Has", "2012-10-17", {"Ref": "X"}]},
    }


def test_template_that_was_read_already_is_taken_as_it_is() -> None:
    """The SDK reads JSON by itself."""
    assert read_template({"Resources": {}}) == {"Resources": {}}
