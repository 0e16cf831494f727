"""What a template must know about the package that it deploys."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """Where an uploaded package is, and what it is.

    Attributes
    ----------
    digest : str
        Digest of its files, in hexadecimal: another digest is another version.
    bucket : str
        Where a zip lies; empty for an image.
    key : str
        Its key in the bucket; empty for an image.
    commit : str or None
        Commit of the repository that it was built from.
    format : {"zip", "image"}
    image_uri : str or None
        Where an image lies, with its digest.

    Examples
    --------
    >>> ArtifactFacts(digest="0a" * 32, bucket="artifacts", key="late/0a.zip").format
    'zip'
    """

    digest: str
    bucket: str = ""
    key: str = ""
    commit: str | None = None
    format: Literal["zip", "image"] = "zip"
    image_uri: str | None = None
