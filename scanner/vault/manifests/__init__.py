"""Manifests that bring a stored secret into a Kubernetes cluster."""
