"""Names as AWS demands them, refused in words where they are not."""

import re
from typing import Annotated

from pydantic import AfterValidator


class TextLike:
    """Refuse a text that does not look as AWS demands, in words and not by a pattern."""

    def __init__(self, pattern: str, *, expected: str) -> None:
        self._pattern = re.compile(pattern)
        self._expected = expected

    def __call__(self, text: str) -> str:
        if not self._pattern.fullmatch(text):
            raise ValueError(f"write {self._expected}")
        return text


KmsArn = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"arn:[\w-]+:kms:[a-z0-9-]+:\d{12}:key/[\w-]+",
            expected="the ARN of a key, arn:aws:kms:<region>:<account>:key/<id>",
        )
    ),
]
PolicyArn = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"arn:[\w-]+:iam::(aws|\d{12}):policy/[\w+=,.@/-]+",
            expected="the ARN of a policy, arn:aws:iam::<account>:policy/<name>",
        )
    ),
]
StreamArn = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"arn:[\w-]+:(kinesis:[a-z0-9-]+:\d{12}:stream/[\w.-]+"
            r"|dynamodb:[a-z0-9-]+:\d{12}:table/[\w.-]+/stream/[\w:.-]+)",
            expected="the ARN of a Kinesis stream or of the stream of a DynamoDB table",
        )
    ),
]
TopicArn = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}",
            expected="the ARN of a topic, arn:aws:sns:<region>:<account>:<name>",
        )
    ),
]
BucketName = Annotated[
    str,
    AfterValidator(
        TextLike(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", expected="the name of a bucket alone")
    ),
]
KeyPrefix = Annotated[
    str,
    AfterValidator(
        # A policy would read a star or a question mark as any text.
        TextLike(r"[^*?${}\s]{0,512}", expected="how the keys begin, without spaces and * ? $ { }")
    ),
]
TagKey = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"(?!aws:|dspipe:)[\w .:/=+@-]{1,128}",
            expected="letters, digits, spaces and . : / = + - @, and not aws: or dspipe: first",
        )
    ),
]
TagValue = Annotated[
    str,
    AfterValidator(
        TextLike(
            r"[\w .:/=+@-]{0,256}",
            expected="at most 256 letters, digits, spaces and . : / = + - @",
        )
    ),
]
SubnetId = Annotated[
    str,
    AfterValidator(TextLike(r"subnet-[0-9a-f]{8,17}", expected="the id of a subnet, subnet-<id>")),
]
SecurityGroupId = Annotated[
    str,
    AfterValidator(TextLike(r"sg-[0-9a-f]{8,17}", expected="the id of a security group, sg-<id>")),
]
