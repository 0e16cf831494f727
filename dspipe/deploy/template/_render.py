"""A template as YAML that people read, and back.

The reason of a resource stands above it as a comment, and CloudFormation's functions have their
short form: ``!Ref Function``. Only PyYAML is needed, an extra of the workshop.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from dspipe._extras import load_extra
from dspipe.deploy.template._intrinsics import Json

_WIDTH = 100
_SHORT = ("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue",
          "Join", "Not", "Or", "Select", "Split", "Sub")  # fmt: skip


def write_template(template: Mapping[str, Any]) -> str:
    """Write a template as YAML, in its own order, each resource under the reason for it.

    Examples
    --------
    >>> queue = {"Type": "AWS::SQS::Queue", "Metadata": {"Comment": "Holds runs."}}
    >>> print(write_template({"Resources": {"Queue": queue}}), end="")
    Resources:
    <BLANKLINE>
      # Holds runs.
      Queue:
        Type: AWS::SQS::Queue
    """
    return "".join(_iter_sections(template))


def read_template(text: str | Mapping[str, Any]) -> Json:
    """Read a template from YAML or JSON, or take one that was read already.

    Examples
    --------
    >>> read_template("Value: !GetAtt Role.Arn")
    {'Value': {'Fn::GetAtt': ['Role', 'Arn']}}
    """
    if isinstance(text, Mapping):
        return dict(text)
    yaml, _, loader = _load_yaml()
    read: Json = yaml.load(text, Loader=loader)
    return read


def _iter_sections(template: Mapping[str, Any]) -> Iterator[str]:
    for number, (name, section) in enumerate(template.items()):
        if number and isinstance(section, Mapping):
            yield "\n"
        if name == "Resources":
            yield "Resources:\n"
            yield from map(_write_resource, section, section.values())
        else:
            yield _dump({name: section})


def _write_resource(name: str, resource: Json) -> str:
    metadata = dict(resource.get("Metadata", {}))
    why = metadata.pop("Comment", "")
    written = {key: value for key, value in resource.items() if key != "Metadata"}
    written |= {"Metadata": metadata} if metadata else {}
    lines = [f"# {line}" for line in why.splitlines()] + _dump({name: written}).splitlines()
    return "\n" + "".join(f"  {line}\n" for line in lines)


def _dump(value: Json) -> str:
    yaml, dumper, _ = _load_yaml()
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=False, width=_WIDTH, allow_unicode=True)
    return text


@lru_cache(maxsize=1)
def _load_yaml() -> tuple[Any, Any, Any]:
    """Load PyYAML with a writer and a reader that know CloudFormation's short forms."""
    yaml = load_extra("yaml", extra="deploy", needed_by="A template")

    class Dumper(yaml.SafeDumper):  # type: ignore[misc, name-defined] # known at run time only
        """Writes `Json`, each list under its key and moved to the right."""

        def ignore_aliases(self, _data: object) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
            return super().increase_indent(flow, False)  # noqa: FBT003 - PyYAML's signature

        def choose_scalar_style(self) -> Any:
            """Leave out the quotes after a short form, where YAML allows it."""
            style = super().choose_scalar_style()
            if style != "'" or not (self.event.tag or "").startswith("!"):
                return style
            analysis = self.analysis
            is_plain = analysis.allow_flow_plain if self.flow_level else analysis.allow_block_plain
            return "" if is_plain else style

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined] # known at run time only
        """Reads dates as the texts that CloudFormation takes them for."""

    Dumper.add_representer(dict, _represent)
    Loader.add_multi_constructor("!", _construct)
    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)
    return yaml, Dumper, Loader


def _represent(dumper: Any, value: Json) -> Any:
    short = _find_short(value)
    if short is None:
        return dumper.represent_mapping("tag:yaml.org,2002:map", value)
    tag, inside = short
    if isinstance(inside, str):
        return dumper.represent_scalar(tag, inside)
    return dumper.represent_sequence(tag, inside, flow_style=True)


def _find_short(value: Json) -> tuple[str, str | list[Any]] | None:
    """Give the tag and the content of a function that has a short form."""
    if len(value) != 1:
        return None
    ((name, inside),) = value.items()
    short = name.removeprefix("Fn::")
    if name == "Fn::GetAtt" and isinstance(inside, list):
        return "!GetAtt", ".".join(inside)
    is_known = name == "Ref" or (name.startswith("Fn::") and short in _SHORT)
    return (f"!{short}", inside) if is_known and isinstance(inside, str | list) else None


def _construct(loader: Any, suffix: str, node: Any) -> Json:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if node.id == "mapping":
        return {name: loader.construct_mapping(node, deep=True)}
    if node.id == "sequence":
        return {name: loader.construct_sequence(node, deep=True)}
    value = loader.construct_scalar(node)
    return {name: value.split(".", 1) if suffix == "GetAtt" else value}
