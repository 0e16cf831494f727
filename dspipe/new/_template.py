"""Fill in the files of the template: words between two ``@``, and parts that only some need.

The template's files are real ones, beside this one; ``{{ }}``, ``${ }`` and ``{ }`` mean something
in them already.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("template")
_WORD = re.compile(r"@([a-z_]+)@")
_PART = re.compile(r"@if (?P<need>[a-z_]+)@\n?(?P<text>.*?)@end@\n?", re.DOTALL)


def fill_in(name: str, words: Mapping[str, str]) -> str:
    """Fill in one file of the template.

    Parameters
    ----------
    name : str
        As it is called in the folder ``template``, without its suffix.
    words : mapping of str to str
        What stands for each word. A part ``@if word@ ... @end@`` stays where the word is given and
        not empty.

    Returns
    -------
    str
    """
    text = (_FOLDER / f"{name}.template").read_text(encoding="utf-8")
    chosen = _PART.sub(lambda part: part["text"] if words.get(part["need"]) else "", text)
    return _WORD.sub(lambda word: words[word[1]], chosen)
