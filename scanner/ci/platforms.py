"""The platforms that are known, and which of them this is."""

from collections.abc import Mapping

from scanner.ci import azure, bitbucket, buildkite, circleci, github, gitlab, jenkins
from scanner.ci.job import Job

_KNOWN = (github, gitlab, bitbucket, azure, circleci, buildkite, jenkins)


def recognised(environ: Mapping[str, str]) -> Job | None:
    """Return the job of the platform whose variables `environ` holds, None if there are none.

    Raises UsageError if the variables make no sense.
    """
    return next((job for platform in _KNOWN if (job := platform.job(environ))), None)
