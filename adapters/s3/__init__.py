"""Files in S3, or in a server that speaks its protocol."""

from adapters.s3.offer import OFFER

__all__ = ["OFFER"]
