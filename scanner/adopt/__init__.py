"""Setting leakseal up in a repository: its settings, hooks, CI files and baseline."""
