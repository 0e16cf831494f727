"""Bucket policies that demand TLS: moto reads no conditions, and would deny every call."""

from typing import Any

from moto.iam.access_control import IAMPolicyStatement, PermissionResult

DENIED_WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}
is_action_permitted = IAMPolicyStatement.is_action_permitted


def repair_bucket_policies() -> None:
    """Take every call for one over TLS, as far as a policy asks."""

    def decide(self: Any, *arguments: Any, **options: Any) -> PermissionResult:
        if self._statement.get("Condition") == DENIED_WITHOUT_TLS:
            return PermissionResult.NEUTRAL
        return is_action_permitted(self, *arguments, **options)

    IAMPolicyStatement.is_action_permitted = decide
