"""A plan says who may do what, and hides neither a condition nor a denial."""

from dspipe.cli._rights import write_condition, write_rights
from dspipe.deploy import PolicyChange


def test_a_denial_is_told_as_one() -> None:
    """What is forbidden must not look like what is allowed."""
    condition = '{"Bool": {"aws:SecureTransport": "false"}}'
    denials = [
        PolicyChange("added", "Deny", "*", "sqs:*", "${Queue.Arn}", condition),
        PolicyChange("removed", "Deny", "Role", "ec2:DescribeSubnets", "*"),
    ]

    told = write_rights(denials, {})

    assert told == [
        ("added", "nobody may sqs:*\n  on ${Queue.Arn}\n  if aws:SecureTransport is false"),
        ("removed", "Role may not ec2:DescribeSubnets\n  on *"),
    ]


def test_a_right_of_everybody_is_told_as_one() -> None:
    """An open URL is seen before it is there."""
    condition = '{"FunctionUrlAuthType": "NONE"}'
    right = PolicyChange("added", "Allow", "*", "lambda:InvokeFunctionUrl", "${Live}", condition)

    told = write_rights([right], {})

    assert told == [
        (
            "added",
            "anybody may lambda:InvokeFunctionUrl\n  on ${Live}\n  if FunctionUrlAuthType is NONE",
        )
    ]


def test_a_condition_names_what_it_means_in_this_account() -> None:
    """References to the account are replaced, those to other resources stay."""
    condition = (
        '{"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, '
        '"ArnLike": {"aws:SourceArn": [{"Fn::Sub": "arn:${AWS::Partition}:x"}, "b"]}}'
    )
    right = PolicyChange("added", "Allow", "sns.amazonaws.com", "sqs:SendMessage", "*", condition)

    ((_, told),) = write_rights([right], {"AWS::AccountId": "1", "AWS::Partition": "aws"})

    assert told.endswith("if aws:SourceAccount is 1 and aws:SourceArn is like arn:aws:x or b")


def test_an_operator_without_words_is_named() -> None:
    """Whoever owns the template may have written any."""
    told = write_condition('{"NumericLessThan": {"s3:max-keys": "10"}}')

    assert told == "s3:max-keys NumericLessThan 10"
