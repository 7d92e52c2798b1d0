"""Prepares a bucket: creates it, and lets pages of the site upload to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from adapters.s3.connection import Connection, code_of

RULE_ID = "onehour"
FIRST_REGION = "us-east-1"
"""The region that is not named when a bucket is created."""


def cors_rule(origin: str) -> dict[str, Any]:
    """What browsers with pages of `origin` may do."""
    return {
        "ID": RULE_ID,
        "AllowedOrigins": [origin],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["content-type"],
        "MaxAgeSeconds": 3600,
    }


async def prepare_bucket(
    connection: Connection, bucket: str, region: str, origin: str
) -> Sequence[str]:
    """Sentences for the operator about what the server refused."""
    return [
        sentence
        for sentence in (
            await _create(connection, bucket, region),
            await _allow(connection, bucket, origin),
        )
        if sentence
    ]


async def _create(connection: Connection, bucket: str, region: str) -> str:
    place = {} if region == FIRST_REGION else {"LocationConstraint": region}
    async with connection.call() as s3:
        try:
            await s3.head_bucket(Bucket=bucket)
            return ""
        except ClientError as error:
            missing = code_of(error) in ("404", "NoSuchBucket")
        if not missing:
            return f"The S3 server refuses access to the bucket {bucket}: check key and rights."
        try:
            await s3.create_bucket(
                Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {})
            )
            return ""
        except ClientError as error:
            if code_of(error) == "BucketAlreadyOwnedByYou":
                return ""
            return f"Create the bucket {bucket}: the S3 server refused it ({code_of(error)})."


async def _allow(connection: Connection, bucket: str, origin: str) -> str:
    """Rules of others are kept."""
    rule = cors_rule(origin)
    async with connection.call() as s3:
        try:
            others = await _other_rules(s3, bucket)
            await s3.put_bucket_cors(
                Bucket=bucket, CORSConfiguration={"CORSRules": [*others, rule]}
            )
            return ""
        except ClientError as error:
            text = json.dumps(rule)
            return (
                f"Set this CORS rule for the bucket {bucket}, or uploads fail: {text}"
                f" (the S3 server refused it: {code_of(error)})."
            )


async def _other_rules(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        rules = (await s3.get_bucket_cors(Bucket=bucket))["CORSRules"]
    except ClientError as error:
        if code_of(error) == "NoSuchCORSConfiguration":
            return []
        raise
    return [rule for rule in rules if rule.get("ID") != RULE_ID]
