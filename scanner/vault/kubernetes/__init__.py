"""Secrets in a Kubernetes cluster: `k8s://NAMESPACE/PREFIX`."""
