"""Where bytes come from, and where in a repository what they hold stands."""
