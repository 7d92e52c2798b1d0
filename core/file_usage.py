"""Limits of files: how large and how many they are, and how much space an account uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from core.errors import Conflict, Forbidden
from core.files import Purpose
from core.files_policy import FilePolicy


class QuotaUsedUp(Conflict):
    """Your files use all the space of your account. Remove some that you no longer need."""

    code = "quota_used_up"


class TooManyUploads(Forbidden):
    """You have begun too many uploads in a short time. Wait a few minutes, then go on."""

    code = "too_many_uploads"


@dataclass(frozen=True, slots=True)
class FileUsage:
    """How many bytes the files of an account have. `id` is that of the account."""

    id: str
    used: int = 0
    version: int = 0

    def add(self, size: int, policy: FilePolicy) -> Self:
        """Raises `QuotaUsedUp`."""
        if self.used + size > policy.quota_bytes:
            raise QuotaUsedUp
        return replace(self, used=self.used + size)

    def subtract(self, size: int) -> Self:
        return replace(self, used=max(0, self.used - size))


def size_maximum(purpose: Purpose, policy: FilePolicy) -> int:
    """The largest file for this purpose, in bytes."""
    return policy.chat_file_bytes_maximum if purpose is Purpose.CHAT else policy.file_bytes_maximum


def count_maximum(purpose: Purpose, policy: FilePolicy) -> int:
    """How many files one delivery, message, brief or statement of a dispute may have."""
    return {
        Purpose.DELIVERY: policy.files_per_delivery,
        Purpose.CHAT: policy.files_per_message,
        Purpose.BRIEF: policy.files_per_brief,
        Purpose.EVIDENCE: policy.files_per_evidence,
    }[purpose]
