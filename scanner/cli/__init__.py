"""The commands: parse, call, print. Nothing else imports this package."""
