"""Objects in S3: what a message points to is fetched, and an answer is kept for whoever comes.

Answers are kept where ``DSPIPE_ANSWERS`` says, such as ``s3://shop-answers/delays``. The same
message writes to the same key, so that a message that comes twice leaves one answer.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dspipe._aws import calling
from dspipe.errors import ConfigurationError, RequestError

PLACE_VARIABLE = "DSPIPE_ANSWERS"
# A function has its memory for the libraries, the file, and the frame made of it.
LARGEST_OBJECT_BYTES = 100_000_000
LINK_SECONDS = 900
_LONGEST_KEY_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class ObjectAddress:
    """Where an object is.

    Attributes
    ----------
    bucket : str
        Name of the bucket.
    key : str
        Key of the object, or what the keys of many begin with.
    version : str, optional
        Which state of it, in a bucket that keeps them all; the newest when not given.

    Examples
    --------
    >>> ObjectAddress("shop", "in/june 1.csv").url
    's3://shop/in/june 1.csv'
    """

    bucket: str
    key: str
    version: str | None = None

    @property
    def url(self) -> str:
        """The address as people write it."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def arn(self) -> str:
        """The address as policies write it."""
        return f"arn:aws:s3:::{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an answer is kept, and an address that opens it for a while.

    Attributes
    ----------
    bucket, key : str
        Where it is.
    url : str
        Anybody who has it may read the answer.
    expires : datetime
        Until when, in UTC. It is over earlier when the credentials that signed it are.
    """

    bucket: str
    key: str
    url: str
    expires: datetime


def fetch_object(address: ObjectAddress) -> tuple[bytes, str]:
    """Fetch an object: its content, as it is now or in the version asked for, and its type.

    Raises
    ------
    RequestError
        If it does not exist, or with status 413 if it is too large for a function.
    ConfigurationError
        If the function may not read it.
    """
    absent = RequestError(
        f"The object {address.url} does not exist. It may have been deleted after its event was "
        "sent; put it there again."
    )
    action = "s3:GetObject" if address.version is None else "s3:GetObjectVersion"
    version = {} if address.version is None else {"VersionId": address.version}
    with calling(action, address.arn, absent=absent) as s3:
        answer = s3.get_object(Bucket=address.bucket, Key=address.key, **version)
        with answer["Body"] as body:
            check_size(answer["ContentLength"], address.url)
            return body.read(), answer.get("ContentType", "")


def check_size(size_bytes: int, name: str, *, limit: int = LARGEST_OBJECT_BYTES) -> None:
    """Refuse a file that is larger than a function should read at once."""
    if size_bytes > limit:
        raise RequestError(
            f"{name} has {size_bytes / 1e6:,.0f} MB; a function reads at most {limit / 1e6:,.0f} "
            "MB at once. Part it into several objects.",
            status=413,
        )


def find_place(environ: Mapping[str, str] | None = None) -> ObjectAddress | None:
    """Find where answers are kept; None when they are not.

    Raises
    ------
    ConfigurationError
        If ``DSPIPE_ANSWERS`` names no place in S3.

    Examples
    --------
    >>> find_place({"DSPIPE_ANSWERS": "s3://shop-answers/delays/"})
    ObjectAddress(bucket='shop-answers', key='delays/', version=None)
    """
    given = (os.environ if environ is None else environ).get(PLACE_VARIABLE, "")
    if not given:
        return None
    scheme, _, rest = given.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ConfigurationError(
            f"{PLACE_VARIABLE} is '{given}', which is no place in S3. Write s3://bucket/prefix."
        )
    prefix = prefix.strip("/")
    return ObjectAddress(bucket, f"{prefix}/" if prefix else "")


def keep_answer(
    content: str | bytes,
    name: str,
    media_type: str,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Link:
    """Keep an answer in S3; one of the same name is replaced.

    Parameters
    ----------
    content : str or bytes
        The answer.
    name : str
        What it is called, such as the id of a message with a suffix.
    media_type : str
        Its content type.
    clock : callable, optional
        Tells the time in UTC.

    Raises
    ------
    ConfigurationError
        If ``DSPIPE_ANSWERS`` is not set, or the function may not write there.
    SourceError
        If S3 cannot be reached, or asks to be called less often.
    """
    place = find_place()
    if place is None:
        raise ConfigurationError(
            f"The answer cannot be kept, because {PLACE_VARIABLE} is not set. Set it to "
            "s3://bucket/prefix, or 'answers' in [tool.dspipe.deploy]."
        )
    address = _find_in(place, name)
    body = content.encode() if isinstance(content, str) else content
    with calling("s3:PutObject", address.arn) as s3:
        named = {"Bucket": address.bucket, "Key": address.key}
        s3.put_object(**named, Body=body, ContentType=media_type)
        url = s3.generate_presigned_url("get_object", Params=named, ExpiresIn=LINK_SECONDS)
    return Link(address.bucket, address.key, url, clock() + timedelta(seconds=LINK_SECONDS))


def find_address(name: str) -> ObjectAddress | None:
    """Find where an answer of a name is kept; None when answers are not."""
    place = find_place()
    return _find_in(place, name) if place is not None else None


def is_answer(address: ObjectAddress) -> bool:
    """Say whether an object lies where answers are kept."""
    place = find_place()
    return (
        place is not None and address.bucket == place.bucket and address.key.startswith(place.key)
    )


def _find_in(place: ObjectAddress, name: str) -> ObjectAddress:
    key = f"{place.key}{name}"
    if len(key.encode()) > _LONGEST_KEY_BYTES:
        suffix = name[name.rfind(".") :]
        key = f"{place.key}{hashlib.sha256(name.encode()).hexdigest()}{suffix}"
    return ObjectAddress(place.bucket, key)
