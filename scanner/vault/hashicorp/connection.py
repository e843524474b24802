"""A server, reached and logged in to when it is first needed."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import hvac

from scanner.errors import LeaksealError
from scanner.vault.hashicorp.answer import DeniedError, LoginError, UnreachableError
from scanner.vault.hashicorp.session import Session
from scanner.vault.hashicorp.settings import Settings


class Connection:
    """A server and who we are to it."""

    def __init__(self, settings: Settings, log_in: Callable[[Any], None]) -> None:
        """Take how to reach the server and how to give an hvac.Client its token."""
        self.settings = settings
        self.token: Any = None  # what the server says of it, None if it does not say
        self._log_in = log_in

    @cached_property
    def client(self) -> Any:
        """Return the hvac.Client, logged in. Raises StoreError also where nothing may be sent."""
        for problem in self.settings.problems:
            if problem.fatal:
                raise UnreachableError(problem.message)
        session = Session(self.settings)
        client = hvac.Client(
            self.settings.address,
            token="",  # None would make hvac look for one
            session=session,
            namespace=self.settings.namespace or None,
            strict_http=True,  # lists by GET: some proxies know no LIST
        )
        try:
            self._log_in(client)
            self.token = _looked_up(client)
        except LeaksealError:
            session.close()
            raise
        return client

    def close(self) -> None:
        """Close what connections there are."""
        if "client" in self.__dict__:
            self.client.session.close()


def _looked_up(client: Any) -> Any:
    try:
        return client.auth.token.lookup_self()
    except (LoginError, DeniedError):  # not every good token may ask, and a bad one shows soon
        return None
